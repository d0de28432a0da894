import math
import random
from dataclasses import replace

import numpy as np
import pytest
from monai.apps.detection.metrics.coco import COCOMetric
from monai.apps.detection.metrics.matching import matching_batch
from monai.data.box_utils import box_iou

from resmtnet.pipelines.evaluation.detection.detection import Detection
from resmtnet.pipelines.evaluation.detection.overlap_scores import IOU_THRESHOLDS, overlap_scores
from resmtnet.pipelines.evaluation.detection.true_scan import Place, TrueScan

EDGES = (10.0, 10.0, 10.0)


def box(x: float, probability: float, case: str = "a") -> Detection:
    return Detection(case, (x, 0.0, 0.0), EDGES, probability)


def scan(*x: float, case: str = "a", excluded: tuple[Place, ...] = ()) -> TrueScan:
    return TrueScan(case, tuple(Place((v, 0.0, 0.0), 10.0, EDGES) for v in x), excluded)


def ap_ar(truth, detections, iou: float) -> tuple[float, float]:
    by_case = {s.case: [d for d in detections if d.case == s.case] for s in truth}
    scores = overlap_scores(truth, by_case, iou_thresholds=(iou,))
    return scores.average_precision[0], scores.average_recall[0]


def test_by_hand():
    """True, false, true of three nodules: precision 1 up to recall 1/3 (34 of 101 points), 2/3 up to 2/3 (33)."""
    found = ap_ar([scan(0, 100, 200)], [box(0, 0.9), box(50, 0.8), box(100, 0.7)], 0.5)
    assert found == pytest.approx(((34 * 1 + 33 * 2 / 3) / 101, 2 / 3))


def test_the_overlap_decides():
    """Cubes of 10 mm, 5 mm apart: 500 of 1500 mm3 in common."""
    truth, found = [scan(0)], [box(5, 0.9)]
    assert ap_ar(truth, found, 0.33) == (1, 1)
    assert ap_ar(truth, found, 0.34) == (0, 0)


def test_a_nodule_is_found_once_and_a_second_box_is_false():
    assert ap_ar([scan(0, 100)], [box(0, 0.9), box(1, 0.8)], 0.1) == pytest.approx((51 / 101, 0.5))


def test_a_box_takes_the_nodule_it_overlaps_most():
    assert ap_ar([scan(0, 6)], [box(4, 0.9), box(-1, 0.8)], 0.1)[1] == 1


def test_equal_probabilities_count_the_same_in_any_order():
    truth = [scan(0, case="a"), scan(0, case="b")]
    boxes = [box(0, 1.0, "a"), box(50, 1.0, "a"), box(0, 1.0, "b"), box(80, 1.0, "b")]
    assert ap_ar(truth, boxes, 0.1) == ap_ar(truth[::-1], boxes[::-1], 0.1) == (0.5, 1)


def test_a_box_in_an_excluded_finding_is_left_out():
    excluded = (Place((50.0, 0.0, 0.0), 10.0),)
    assert ap_ar([scan(0, excluded=excluded)], [box(50, 0.9), box(0, 0.8)], 0.1) == (1, 1)
    assert ap_ar([scan(0)], [box(50, 0.9), box(0, 0.8)], 0.1) == (0.5, 1)


def test_a_nodule_without_a_box_is_a_cube_of_its_diameter():
    truth = [TrueScan("a", (Place((0.0, 0.0, 0.0), 10.0),))]
    assert ap_ar(truth, [box(0, 0.5)], 0.999) == (1, 1)


def test_nothing_found_nothing_to_find_no_size():
    assert ap_ar([scan(0)], [], 0.1) == (0, 0)
    assert all(math.isnan(v) for v in ap_ar([scan()], [box(0, 0.5)], 0.1))
    with pytest.raises(ValueError, match="size"):
        ap_ar([scan(0)], [replace(box(0, 0.5), size_mm=None)], 0.1)


def made(seed: int) -> tuple[list[TrueScan], dict[str, list[Detection]]]:
    """Nodules, boxes near them and boxes anywhere; all probabilities differ."""
    rng = random.Random(seed)
    truth, by_case = [], {}
    for n in range(6):
        nodules = [Place(drawn(rng, 0, 60), 9.0, drawn(rng, 7, 15)) for _ in range(rng.randrange(4))]
        near = [(shaken(rng, p.centre_lps_mm, 1.5), shaken(rng, p.size_mm, 1.0)) for p in nodules * 2]
        anywhere = [(drawn(rng, 0, 60), EDGES) for _ in range(rng.randrange(6))]
        truth.append(TrueScan(str(n), tuple(nodules)))
        by_case[str(n)] = [Detection(str(n), centre, size, rng.random()) for centre, size in near + anywhere]
    return truth, by_case


def drawn(rng: random.Random, low: float, high: float) -> tuple[float, ...]:
    return tuple(rng.uniform(low, high) for _ in range(3))


def shaken(rng: random.Random, values: tuple[float, ...], by: float) -> tuple[float, ...]:
    return tuple(v + rng.gauss(0, by) for v in values)


@pytest.mark.parametrize("seed", range(4))
def test_the_same_as_monai(seed):
    truth, by_case = made(seed)
    metric = COCOMetric(classes=["nodule"], iou_list=IOU_THRESHOLDS, iou_range=(0.1, 0.5, 0.05), max_detection=(100,))
    matches = matching_batch(
        iou_fn=box_iou,
        iou_thresholds=metric.iou_thresholds,
        pred_boxes=[corners(by_case[s.case]) for s in truth],
        pred_classes=[np.zeros(len(by_case[s.case]), int) for s in truth],
        pred_scores=[np.array([d.probability for d in by_case[s.case]]) for s in truth],
        gt_boxes=[corners(s.nodules) for s in truth],
        gt_classes=[np.zeros(len(s.nodules), int) for s in truth],
    )
    said = metric(matches)[0]
    found = overlap_scores(truth, by_case)
    for n, iou in enumerate(IOU_THRESHOLDS):
        assert found.average_precision[n] == pytest.approx(said[f"AP_IoU_{iou:.2f}_MaxDet_100"], abs=1e-6)
        assert found.average_recall[n] == pytest.approx(said[f"AR_IoU_{iou:.2f}_MaxDet_100"], abs=1e-6)
    assert 0 < found.average_precision[-1] < found.average_precision[0] < 1


def corners(boxes) -> np.ndarray:
    centre = np.array([b.centre_lps_mm for b in boxes]).reshape(-1, 3)
    half = np.array([b.size_mm for b in boxes]).reshape(-1, 3) / 2
    return np.concatenate([centre - half, centre + half], axis=1)


@pytest.mark.parametrize("seed", range(4))
def test_the_same_as_plain_loops(seed):
    truth, by_case = made(seed)
    found = overlap_scores(truth, by_case)
    for n, iou in enumerate(IOU_THRESHOLDS):
        looped = loops(truth, by_case, iou)
        assert (found.average_precision[n], found.average_recall[n]) == pytest.approx(looped, abs=1e-9)


def loops(truth, by_case, least: float) -> tuple[float, float]:
    rows, n_nodules = [], 0
    for one in truth:
        free = list(one.nodules)
        n_nodules += len(free)
        for d in sorted(by_case[one.case], key=lambda d: d.probability, reverse=True):
            best = max(free, key=lambda n: overlap(d, n), default=None)
            hit = best is not None and overlap(d, best) >= least
            if hit:
                free.remove(best)
            rows.append((d.probability, hit))
    rows.sort(reverse=True)
    hits = [sum(hit for _, hit in rows[: n + 1]) for n in range(len(rows))]
    curve = [(n_hits / n_nodules, n_hits / (n + 1)) for n, n_hits in enumerate(hits)]
    levels = [max((p for r, p in curve if r >= level / 100 - 1e-12), default=0.0) for level in range(101)]
    return sum(levels) / 101, curve[-1][0]


def overlap(a, b) -> float:
    common, size_a, size_b = 1.0, 1.0, 1.0
    for ca, cb, ea, eb in zip(a.centre_lps_mm, b.centre_lps_mm, a.size_mm, b.size_mm, strict=True):
        common *= max(0.0, min(ca + ea / 2, cb + eb / 2) - max(ca - ea / 2, cb - eb / 2))
        size_a, size_b = size_a * ea, size_b * eb
    return common / (size_a + size_b - common)
