import numpy as np
import pytest

from resmtnet.pipelines.evaluation.patient_draws import draw_patients
from resmtnet.pipelines.evaluation.uncertainty_curve import uncertainty_curve

N = 500


@pytest.fixture
def draws():
    return draw_patients([str(n // 2) for n in range(N)], draws=500)


def test_error_falls_with_uncertainty_where_it_says_something(draws):
    rng = np.random.default_rng(2)
    uncertainty = rng.uniform(0, 1, N)
    curve = uncertainty_curve(uncertainty, np.abs(rng.normal(0, uncertainty)), draws)
    errors = [b.error.value for b in curve.bins]
    assert errors == sorted(errors)
    assert [b.n for b in curve.bins] == [100] * 5
    assert curve.spearman.low > 0.3
    assert curve.risk_area.high < curve.mean_error.low


def test_noise_says_nothing(draws):
    rng = np.random.default_rng(2)
    curve = uncertainty_curve(rng.uniform(0, 1, N), rng.uniform(0, 1, N), draws)
    assert curve.spearman.low < 0 < curve.spearman.high
    assert curve.risk_area.low < curve.mean_error.value < curve.risk_area.high


def test_bins_hold_all_cases_and_ties_stay_together(draws):
    error = np.arange(N, dtype=float)
    curve = uncertainty_curve(np.repeat([0.1, 0.9], N // 2), error, draws)
    assert [(b.n, b.mean_uncertainty) for b in curve.bins] == [(250, pytest.approx(0.1)), (250, pytest.approx(0.9))]
    assert [b.error.value for b in curve.bins] == [error[:250].mean(), error[250:].mean()]


def test_unknown_uncertainty_leaves_nothing(draws):
    curve = uncertainty_curve(np.full(N, np.nan), np.ones(N), draws)
    assert (curve.n, curve.bins) == (0, [])
    assert np.isnan(curve.spearman.value)
