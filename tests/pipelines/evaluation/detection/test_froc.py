import itertools
import math
import random

import numpy as np
import pytest

from resmtnet.pipelines.evaluation.bootstrap_interval import bootstrap_interval
from resmtnet.pipelines.evaluation.detection.detection import Detection
from resmtnet.pipelines.evaluation.detection.froc import RATES, compute_froc
from resmtnet.pipelines.evaluation.detection.froc_intervals import froc_intervals
from resmtnet.pipelines.evaluation.detection.judge_scan import ScanOutcome, judge_scan
from resmtnet.pipelines.evaluation.detection.operating_point import choose_operating_point
from resmtnet.pipelines.evaluation.detection.true_scan import Place, TrueScan


def at(x: float, probability: float, case: str = "a") -> Detection:
    return Detection(case, (x, 0.0, 0.0), None, probability)


def outcome(hits=(), false_positives=(), group: str = "a") -> ScanOutcome:
    return ScanOutcome(group, True, tuple(hits), tuple(false_positives), 0, 0, len(hits) + len(false_positives))


NODULE = Place((0.0, 0.0, 0.0), 10.0)


def test_the_best_hit_counts_and_further_ones_are_neither():
    found = judge_scan(TrueScan("a", (NODULE,)), [at(1, 0.3), at(-2, 0.9), at(4.9, 0.5), at(5.1, 0.8)])
    assert found.hits == (0.9,)
    assert found.false_positives == (0.8,)
    assert (found.n_further_hits, found.n_excluded, found.n_candidates) == (2, 0, 4)


def test_on_the_radius_is_outside():
    assert judge_scan(TrueScan("a", (NODULE,)), [at(5.0, 0.5)]).hits == (None,)
    assert judge_scan(TrueScan("a", (NODULE,)), [at(math.nextafter(5.0, 0), 0.5)]).hits == (0.5,)


def test_a_candidate_in_an_excluded_finding_is_neither_unless_it_hits_a_nodule():
    scan = TrueScan("a", (NODULE,), excluded=(Place((3.0, 0.0, 0.0), 10.0),))
    found = judge_scan(scan, [at(7, 0.9), at(2, 0.6), at(20, 0.1)])
    assert (found.hits, found.false_positives, found.n_excluded) == ((0.6,), (0.1,), 1)


def test_a_candidate_may_hit_two_nodules():
    scan = TrueScan("a", (NODULE, Place((6.0, 0.0, 0.0), 10.0)))
    found = judge_scan(scan, [at(3, 0.7)])
    assert (found.hits, found.n_further_hits) == ((0.7, 0.7), 0)


def test_a_curve_by_hand():
    """Two scans, three nodules: hits at .9 and .4, false positives at .8 and .4; the third nodule is missed."""
    froc = compute_froc([outcome([0.9, None], [0.8]), outcome([0.4], [0.4])])
    assert froc.thresholds.tolist() == [np.inf, 0.9, 0.8, 0.4]
    assert froc.false_positives_per_scan.tolist() == [0, 0, 0.5, 1]
    assert froc.sensitivity == pytest.approx([0, 1 / 3, 1 / 3, 2 / 3])
    # from (0.5, 1/3) straight to (1, 2/3), which holds beyond
    assert froc.sensitivity_at((0.25, 0.5, 0.75, 1, 8)) == pytest.approx((1 / 3, 1 / 3, 0.5, 2 / 3, 2 / 3))
    assert froc.cpm == pytest.approx((3 * (1 / 3) + 4 * (2 / 3)) / 7)


def test_equal_probabilities_make_one_step_in_whatever_order_they_come():
    outcomes = [outcome([0.5, 0.5], [0.5]), outcome([0.5], [0.5, 0.5]), outcome([None], [0.5])]
    curves = [compute_froc(order).sensitivity_at() for order in itertools.permutations(outcomes)]
    assert len({tuple(curve) for curve in curves}) == 1
    assert len(compute_froc(outcomes).thresholds) == 2


def test_no_candidates_no_nodules_no_scans():
    nothing = compute_froc([outcome([None, None])])
    assert (nothing.cpm, nothing.sensitivity_at()) == (0, (0,) * 7)
    no_nodules = compute_froc([outcome([], [0.5])])
    assert math.isnan(no_nodules.cpm)
    assert no_nodules.false_positives_per_scan[-1] == 1
    with pytest.raises(ValueError, match="needs a scan"):
        compute_froc([])


@pytest.mark.parametrize("seed", range(8))
def test_the_same_as_counting_at_every_threshold(seed):
    rng = random.Random(seed)
    outcomes = [
        outcome(
            [rng.choice([None, round(rng.random(), 2)]) for _ in range(rng.randrange(4))],
            [round(rng.random() * 0.9, 2) for _ in range(rng.randrange(30))],
        )
        for _ in range(12)
    ]
    assert compute_froc(outcomes).sensitivity_at() == pytest.approx(counted(outcomes, RATES), abs=1e-12)


def counted(outcomes: list[ScanOutcome], rates) -> list[float]:
    """Count at each probability, then walk along the straight lines between the counts."""
    hits = [p for o in outcomes for p in o.hits]
    others = [p for o in outcomes for p in o.false_positives]
    steps = sorted({p for p in (*hits, *others) if p is not None}, reverse=True)
    points = [(0.0, 0.0)]
    for step in steps:
        false = sum(p >= step for p in others) / len(outcomes)
        points.append((false, sum(p is not None and p >= step for p in hits) / len(hits)))
    return [walk(points, rate) for rate in rates]


def walk(points: list[tuple[float, float]], rate: float) -> float:
    below = [p for p in points if p[0] <= rate]
    above = [p for p in points if p[0] > rate]
    (x0, y0) = below[-1]
    if not above:
        return y0
    x1, y1 = above[0]
    return y0 + (y1 - y0) * (rate - x0) / (x1 - x0)


def test_an_operating_point_keeps_its_promise():
    froc = compute_froc([outcome([0.9, 0.6], [0.8]), outcome([0.3], [0.7, 0.2])])
    point = choose_operating_point(froc, 1.0)
    assert (point.threshold, point.false_positives_per_scan) == (0.3, 1.0)
    assert point.sensitivity == pytest.approx(1)
    # 0.7 would find no more than 0.9 does, and give more false positives
    assert choose_operating_point(froc, 0.6).threshold == 0.9
    assert choose_operating_point(compute_froc([outcome([0.1], [0.5])]), 0.5).threshold == math.inf
    for wrong in (-1, math.nan):
        with pytest.raises(ValueError, match="expected a number from 0 on"):
            choose_operating_point(froc, wrong)
    with pytest.raises(ValueError, match="without a nodule"):
        choose_operating_point(compute_froc([outcome([], [0.5])]), 1)


def test_intervals_cover_the_figure_and_shrink_with_scans():
    rng = np.random.default_rng(0)
    scans = [outcome([float(rng.random())], rng.random(3) * 0.8, group=str(n)) for n in range(200)]
    whole, part = froc_intervals(scans, draws=300), froc_intervals(scans[:50], draws=300)
    for rate, (low, high) in zip(compute_froc(scans).sensitivity_at(), whole.sensitivity, strict=True):
        assert low <= rate <= high
    assert whole.cpm[1] - whole.cpm[0] < 0.7 * (part.cpm[1] - part.cpm[0])
    assert froc_intervals(scans[:50], draws=50) == froc_intervals(scans[:50], draws=50)


def test_intervals_of_a_share_are_those_of_the_binomial():
    """Without false positives the CPM is the share of nodules found; its interval is known."""
    scans = [outcome([0.5 if n < 60 else None], group=str(n)) for n in range(100)]
    low, high = froc_intervals(scans, draws=2000).cpm
    half = 1.96 * math.sqrt(0.6 * 0.4 / 100)
    assert (low, high) == pytest.approx((0.6 - half, 0.6 + half), abs=0.015)


def test_scans_of_one_patient_are_drawn_together():
    """One patient with all scans gives the same figure in each draw."""
    scans = [outcome([0.5 if n % 2 else None], [0.4], group="one") for n in range(10)]
    low, high = froc_intervals(scans, draws=50).cpm
    assert low == high == pytest.approx(compute_froc(scans).cpm)


def test_intervals_are_those_of_curves_computed_anew_for_each_draw():
    """Few scans hold most false positives: some draws reach 8 per scan late, some never."""
    rng = np.random.default_rng(3)
    scans = [outcome(rng.random(2), rng.random(90 if n < 2 else 4), group=f"{n // 2:02}") for n in range(14)]
    anew = bootstrap_interval(
        lambda rows: compute_froc([scans[row] for row in rows]).cpm, [s.group for s in scans], draws=200, seed=5
    )
    assert froc_intervals(scans, draws=200, seed=5).cpm == pytest.approx(anew, abs=1e-12)


def test_intervals_without_nodules_or_candidates():
    assert np.isnan(froc_intervals([outcome([], [0.5])], draws=5).cpm).all()
    assert froc_intervals([outcome([None])], draws=5).cpm == (0, 0)
