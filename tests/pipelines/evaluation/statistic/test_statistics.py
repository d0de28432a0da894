"""Each statistic of weighted rows is that of the rows repeated so often, computed by another library or by hand."""

import numpy as np
import pytest
from scipy import stats

from resmtnet.pipelines.evaluation.statistic.auc_of import auc_of
from resmtnet.pipelines.evaluation.statistic.concordance_of import concordance_of
from resmtnet.pipelines.evaluation.statistic.ece_of import ece_of
from resmtnet.pipelines.evaluation.statistic.limit_of import limit_of
from resmtnet.pipelines.evaluation.statistic.mean_of import mean_of
from resmtnet.pipelines.evaluation.statistic.risk_area_of import risk_area_of
from resmtnet.pipelines.evaluation.statistic.spearman_of import spearman_of
from resmtnet.pipelines.evaluation.statistic.statistic import difference_of

N = 60


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def weights(rng):
    return rng.integers(0, 4, (5, N)).astype(float)


def repeated(values, weight):
    return np.repeat(values, weight.astype(int))


def with_gaps(rng, values):
    return np.where(rng.random(N) < 0.2, np.nan, values)


def test_mean_and_limits(rng, weights):
    values = with_gaps(rng, rng.normal(2, 3, N))
    for weight, mean, low in zip(
        weights, mean_of(values)(weights), limit_of(values, deviations=-2)(weights), strict=True
    ):
        drawn = repeated(values, weight)
        drawn = drawn[np.isfinite(drawn)]
        assert mean == pytest.approx(drawn.mean())
        assert low == pytest.approx(drawn.mean() - 2 * drawn.std(ddof=1))


def test_auc_is_mann_whitney_with_ties(rng, weights):
    score, sides = with_gaps(rng, rng.integers(0, 9, N).astype(float)), rng.integers(-1, 2, N)
    for weight, auc in zip(weights, auc_of(score, sides)(weights), strict=True):
        drawn, side = repeated(score, weight), repeated(sides, weight)
        high, low = (drawn[(side == s) & np.isfinite(drawn)] for s in (1, -1))
        assert auc == pytest.approx(stats.mannwhitneyu(high, low).statistic / (len(high) * len(low)))


def test_spearman_with_ties(rng, weights):
    x = rng.integers(0, 9, N).astype(float)
    y = with_gaps(rng, x + rng.integers(0, 9, N))
    for weight, rho in zip(weights, spearman_of(x, y)(weights), strict=True):
        known = np.isfinite(repeated(y, weight))
        assert rho == pytest.approx(stats.spearmanr(repeated(x, weight)[known], repeated(y, weight)[known]).statistic)


def test_concordance_counts_pairs(rng, weights):
    score, truth = rng.integers(0, 9, N).astype(float), rng.integers(1, 6, N).astype(float)
    for weight, c in zip(weights, concordance_of(score, truth)(weights), strict=True):
        s, t = repeated(score, weight), repeated(truth, weight)
        pairs = [(a > b) + (a == b) / 2 for a, u in zip(s, t, strict=True) for b, v in zip(s, t, strict=True) if u > v]
        assert c == pytest.approx(np.mean(pairs))


def test_concordance_of_two_levels_is_the_auc(rng, weights):
    score, sides = rng.normal(size=N), rng.choice([-1, 1], N)
    assert concordance_of(score, sides.astype(float))(weights) == pytest.approx(auc_of(score, sides)(weights))


def test_ece_bin_by_bin(rng, weights):
    p, y = rng.random(N), with_gaps(rng, rng.integers(0, 2, N).astype(float))
    for weight, ece in zip(weights, ece_of(p, y, bins=4)(weights), strict=True):
        known = np.isfinite(repeated(y, weight))
        said, happened = repeated(p, weight)[known], repeated(y, weight)[known]
        bins = [(said >= b / 4) & (said < (b + 1) / 4) for b in range(4)]
        gaps = [abs(said[b].mean() - happened[b].mean()) * b.sum() for b in bins if b.any()]
        assert ece == pytest.approx(sum(gaps) / len(said))


def test_risk_area_is_the_mean_of_running_means():
    uncertainty, error = np.array([0.3, 0.1, 0.2]), np.array([6.0, 1.0, 3.0])
    assert risk_area_of(uncertainty, error)(np.ones((1, 3))) == pytest.approx((1 + 2 + 10 / 3) / 3)
    # all equally unsure: no order, so the mean error
    assert risk_area_of(np.zeros(3), error)(np.ones((1, 3))) == pytest.approx(10 / 3)
    # the first drawn twice
    assert risk_area_of(uncertainty, error)(np.array([[1.0, 2, 1]])) == pytest.approx((1 + 1 + 5 / 3 + 11 / 4) / 4)


def test_difference_is_paired(rng, weights):
    score, sides = rng.normal(size=N), rng.choice([-1, 1], N)
    same = auc_of(score, sides)
    assert difference_of(same, auc_of(10 + 2 * score, sides))(weights) == pytest.approx(0)


@pytest.mark.parametrize(
    "statistic",
    [
        mean_of(np.full(3, np.nan)),
        auc_of(np.arange(3.0), np.array([1, 1, 0])),
        auc_of(np.arange(3.0), np.zeros(3, int)),
        spearman_of(np.ones(3), np.arange(3.0)),
        spearman_of(np.full(3, np.nan), np.arange(3.0)),
        concordance_of(np.arange(3.0), np.ones(3)),
        ece_of(np.ones(3), np.full(3, np.nan)),
        risk_area_of(np.full(3, np.nan), np.ones(3)),
        limit_of(np.array([1.0, np.nan, np.nan]), deviations=2),
    ],
)
def test_what_is_not_defined_is_nan(statistic):
    assert np.isnan(statistic(np.ones((2, 3)))).all()
