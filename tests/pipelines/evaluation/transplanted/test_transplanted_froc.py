from __future__ import annotations

import pytest

from resmtnet.pipelines.evaluation.detection.detection import Detection
from resmtnet.pipelines.evaluation.detection.scoring_error import ScoringError
from resmtnet.pipelines.evaluation.detection.true_scan import Place, TrueScan
from resmtnet.pipelines.evaluation.transplanted.planted_copies import CopyTruth
from resmtnet.pipelines.evaluation.transplanted.transplanted_froc import transplanted_froc

PLANTED = (Place((0.0, 0.0, 0.0), 10.0), Place((50.0, 0.0, 0.0), 8.0))
LESION = Place((0.0, 80.0, 0.0), 24.0)


def copy(name: str, row: str = "scans", *lesions: Place) -> CopyTruth:
    return CopyTruth(row, name.split("_")[0], ("A", "B"), TrueScan(name, (*PLANTED, *lesions)))


def said(name: str, *rows: tuple[float, float, float, float]) -> tuple[Detection, ...]:
    return tuple(Detection(name, (x, y, z), None, p) for x, y, z, p in rows)


def test_hits_and_non_nodules_by_hand():
    truth = [copy("a_1", "scans", LESION), copy("a_2", "scans", LESION)]
    found = {
        "a_1": said(
            "a_1",
            (4.9, 0, 0, 0.9),  # within 5 mm of the first nodule
            (0, 0, 4, 0.8),  # a second one on it: neither
            (54.1, 0, 0, 0.7),  # 4.1 mm from a nodule of 8 mm: beside it
            (0, 91.9, 0, 0.6),  # on the scan's own lesion
            (0, 0, 100, 0.5),
        ),
        "a_2": said("a_2", (50, 0, 3.9, 0.4), (0, 0, 100, 0.3), (0, 0, 200, 0.2), (0, 0, 0, 0.1)),
    }
    scores = transplanted_froc(truth, found, draws=20)
    row = scores.metrics["rows"]["scans"]
    assert (row["n_copies"], row["n_backgrounds"], row["n_planted"], row["n_own_lesions"]) == (2, 1, 4, 2)
    assert row["n_different_nodules"] == 2
    assert row["sensitivity_of_all_candidates"] == pytest.approx(4 / 6)
    assert row["non_nodules_per_scan_of_all_candidates"] == 2.0
    points = {point["at_most_non_nodules_per_scan"]: point for point in scores.metrics["operating_points"]}
    assert points[1.0]["probability"] == 0.4  # 0.7 and 0.5 are no nodules: 1 per scan
    assert points[1.0]["sensitivity"] == pytest.approx(3 / 6)
    assert points[1.0]["planted"] == {"n": 4, "n_found": 2, "sensitivity": 0.5}
    assert points[1.0]["own_lesions"] == {"n": 2, "n_found": 1, "sensitivity": 0.5}
    assert points[2.0]["probability"] == 0.1
    assert points[2.0]["planted"]["n_found"] == 3
    assert scores.metrics["sensitivity_at_2_per_scan"] == pytest.approx(4 / 6)
    sizes = {part["from_mm"]: part for part in points[2.0]["planted_by_diameter"]}
    assert (sizes[6.0]["n"], sizes[6.0]["n_found"]) == (2, 1)
    assert (sizes[10.0]["n"], sizes[10.0]["n_found"]) == (2, 2)


def test_scans_trained_on_are_in_no_other_row():
    names = {"a_1": "scans", "p_1": "phantoms", "t_1": "scans_trained_on"}
    found = {"a_1": said("a_1", (0, 0, 0, 0.9)), "p_1": (), "t_1": said("t_1", (0, 0, 0, 0.9), (50, 0, 0, 0.8))}
    scores = transplanted_froc([copy(name, row) for name, row in names.items()], found, draws=20)
    at = {name: row["sensitivity"]["2"] for name, row in scores.metrics["rows"].items()}
    assert at == {"all_scans": 0.25, "scans": 0.5, "phantoms": 0.0, "scans_trained_on": 1.0}
    assert (scores.metrics["n_copies"], scores.metrics["n_targets"]) == (2, 4)


def test_copies_that_failed_are_left_out_and_none_left_is_refused():
    truth = [copy("a_1"), copy("a_2"), copy("t_1", "scans_trained_on")]
    scores = transplanted_froc(truth, {"a_2": ()}, draws=5)
    assert scores.metrics["n_copies"] == 1
    with pytest.raises(ScoringError, match="not trained on"):
        transplanted_froc(truth, {"t_1": ()}, draws=5)
