"""The scoring of a real submission against plain loops over its rows."""

import csv
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from resmtnet.pipelines.evaluation.detection.match_scan_numbers import NumberedScans, match_scan_numbers
from resmtnet.pipelines.evaluation.detection.predictions import Predictions
from resmtnet.pipelines.evaluation.detection.read_predictions import read_predictions
from resmtnet.pipelines.evaluation.detection.read_scan_blocks import read_scan_blocks
from resmtnet.pipelines.evaluation.detection.read_truth import read_truth
from resmtnet.pipelines.evaluation.detection.score_detections import Scores, score_detections
from resmtnet.pipelines.evaluation.detection.true_scan import TrueScan

pytestmark = pytest.mark.data

RATES = (1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8)


@pytest.fixture(scope="module")
def luna16(shared_data: Path) -> Path:
    return shared_data / "luna16"


@pytest.fixture(scope="module")
def truth(luna16: Path) -> tuple[TrueScan, ...]:
    excluded, scans = luna16 / "annotations_excluded.csv", luna16 / "seriesuids.csv"
    return read_truth(luna16 / "annotations.csv", excluded=excluded, scans=scans)


@pytest.fixture(scope="module")
def matched(luna16: Path, truth: tuple[TrueScan, ...]) -> NumberedScans:
    said = read_predictions(luna16 / "deeplung_dpn26_submission.csv", {scan.case for scan in truth})
    assert (len(said.detections), said.faults) == (55677, ())
    return match_scan_numbers(said.detections, truth, read_scan_blocks(luna16 / "luna16_subsets.csv"))


@pytest.fixture(scope="module")
def scores(truth: tuple[TrueScan, ...], matched: NumberedScans) -> Scores:
    return score_detections(truth, Predictions(matched.detections), draws=20)


def test_the_numbers_are_the_scans_that_were_found_for_them(luna16, matched):
    """Moved on by one scan in each subset, the candidates hit next to nothing: the assignment is no accident."""
    assert matched.n_scans == 887
    assert matched.n_best > 0.9 * 887
    assert n_nodules_hit(luna16, matched, moved_by=0) > 0.95 * 1186
    assert n_nodules_hit(luna16, matched, moved_by=1) < 0.03 * 1186


def n_nodules_hit(luna16: Path, matched: NumberedScans, moved_by: int) -> int:
    blocks = read_scan_blocks(luna16 / "luna16_subsets.csv")
    moved = {name: block[(n + moved_by) % len(block)] for block in blocks for n, name in enumerate(block)}
    candidates = defaultdict(list)
    for d in matched.detections:
        candidates[moved[d.case]].append(d.centre_lps_mm)
    return sum(
        any(math.dist(place, c) < diameter / 2 for c in candidates[uid])
        for uid, nodules in annotated(luna16 / "annotations.csv").items()
        for place, diameter in nodules
    )


def test_all_scans_against_plain_loops(luna16, matched, scores):
    uids = (luna16 / "seriesuids.csv").read_text().split()
    by_loops = sensitivities(luna16, rows_of(matched), uids)
    agree(scores, "all_scans", by_loops, 888)


def test_scans_with_nodules_against_plain_loops(luna16, matched, scores):
    uids = list(annotated(luna16 / "annotations.csv"))
    agree(scores, "scans_with_nodules", sensitivities(luna16, rows_of(matched), uids), 601)


def test_scans_with_predictions_against_plain_loops(luna16, matched, scores):
    uids = list({d.case for d in matched.detections})
    agree(scores, "scans_with_predictions", sensitivities(luna16, rows_of(matched), uids), 887)


def agree(scores: Scores, denominator: str, by_loops: Sequence[float], n_scans: int) -> None:
    said = scores.metrics[denominator]
    assert (said["n_scans"], said["n_nodules"]) == (n_scans, 1186)
    assert list(said["sensitivity"].values()) == pytest.approx(by_loops, abs=1e-6)
    assert said["cpm"] == pytest.approx(sum(by_loops) / 7, abs=1e-6)
    low, high = said["cpm_ci95"]
    assert low < said["cpm"] < high


def test_every_candidate_is_accounted_for(scores):
    rows, kinds = scores.metrics["rows"], scores.metrics["candidates"]
    hits = kinds["nodules_found"] + kinds["further_hits"]  # no candidate of this submission hits two nodules
    assert rows["scored"] == hits + kinds["false_positives"] + kinds["in_excluded_findings"]
    assert rows["detections"] == rows["scored"] + rows["over_limit"] == 55677


Rows = dict[str, list[tuple[tuple[float, ...], float]]]


def rows_of(matched: NumberedScans) -> Rows:
    rows = defaultdict(list)
    for d in matched.detections:
        rows[d.case].append((d.centre_lps_mm, d.probability))
    return rows


def annotated(path: Path) -> Rows:
    found = defaultdict(list)
    with path.open() as file:
        for row in csv.DictReader(file):
            place = tuple(float(row[f"coord{axis}"]) for axis in "XYZ")
            found[row["seriesuid"]].append((place, float(row["diameter_mm"])))
    return found


def sensitivities(luna16: Path, rows: Rows, uids: Sequence[str]) -> list[float]:
    """LUNA16's rule, candidate by candidate: no arrays, none of the package's scoring."""
    nodules = annotated(luna16 / "annotations.csv")
    excluded = annotated(luna16 / "annotations_excluded.csv")
    hits, others, n_nodules = Counter(), Counter(), 0
    for uid in uids:
        n_nodules += len(nodules[uid])
        best = {}
        for place, probability in sorted(rows[uid], key=lambda row: -row[1])[:100]:
            touched = [n for n, (centre, mm) in enumerate(nodules[uid]) if math.dist(place, centre) < mm / 2]
            for n in touched:
                best.setdefault(n, probability)
            if touched or any(math.dist(place, centre) < (5.0 if mm < 0 else mm / 2) for centre, mm in excluded[uid]):
                continue
            others[probability] += 1
        hits.update(best.values())
    points, true, false = [(0.0, 0.0)], 0, 0
    for probability in sorted(hits.keys() | others.keys(), reverse=True):
        true, false = true + hits[probability], false + others[probability]
        points.append((false / len(uids), true / n_nodules))
    return [between(points, rate) for rate in RATES]


def between(points: list[tuple[float, float]], rate: float) -> float:
    n = max(n for n, (x, _) in enumerate(points) if x <= rate)
    if n == len(points) - 1:
        return points[n][1]
    (x0, y0), (x1, y1) = points[n], points[n + 1]
    return y0 + (y1 - y0) * (rate - x0) / (x1 - x0)
