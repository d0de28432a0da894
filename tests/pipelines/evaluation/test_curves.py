import numpy as np
import pytest

from resmtnet.pipelines.evaluation.patient_draws import draw_patients
from resmtnet.pipelines.evaluation.reliability_bins import reliability_bins
from resmtnet.pipelines.evaluation.roc_auc import roc_auc
from resmtnet.pipelines.evaluation.roc_curve import roc_curve


def test_roc_by_hand():
    # thresholds 0.9, 0.5 (a tie of both sides), 0.1; the last row is left out
    false, true = roc_curve(np.array([0.9, 0.5, 0.5, 0.1, 0.7]), np.array([1, 1, -1, -1, 0]))
    assert list(false) == [0, 0, 0.5, 1]
    assert list(true) == [0, 0.5, 1, 1]


def test_the_area_below_the_curve_is_the_auc():
    rng = np.random.default_rng(0)
    score, sides = rng.integers(0, 20, 200).astype(float), rng.choice([-1, 1], 200)
    false, true = roc_curve(score, sides)
    assert np.trapezoid(true, false) == pytest.approx(roc_auc(score, sides > 0))


def test_one_side_has_no_curve():
    assert len(roc_curve(np.array([1.0, 2.0]), np.array([1, 1]))[0]) == 0


def test_reliability_by_hand():
    said, happened = np.array([0.12, 0.18, 0.95, 1.0, 0.5]), np.array([0, 1, 1, 1, np.nan])
    bins = reliability_bins(said, happened, draw_patients(list("abcde")))
    assert [(b.n, b.said, b.observed.value) for b in bins] == [
        (2, pytest.approx(0.15), 0.5),
        (2, pytest.approx(0.975), 1.0),
    ]
    assert (bins[0].observed.low, bins[0].observed.high) == (0, 1)
