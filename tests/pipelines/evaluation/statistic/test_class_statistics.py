"""Statistics of classes, each against a loop over repeated rows or a count by hand."""

import numpy as np
import pytest

from resmtnet.pipelines.evaluation.statistic.f1_of import f1_of
from resmtnet.pipelines.evaluation.statistic.macro_f1_of import macro_f1_of
from resmtnet.pipelines.evaluation.statistic.median_of import median_of
from resmtnet.pipelines.evaluation.statistic.specificity_at import specificity_at


def once(n):
    return np.ones((1, n))


def drawn(n, draws=40, seed=0):
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws).astype(float)


def repeated(weights):
    return np.repeat(np.arange(len(weights)), weights.astype(int))


def test_median_is_numpys_for_repeated_rows():
    rng = np.random.default_rng(1)
    for n in (1, 2, 7, 10):
        values, weights = rng.normal(size=n).round(1), drawn(n)
        expected = [np.median(values[repeated(w)]) for w in weights]
        assert median_of(values)(weights) == pytest.approx(expected)


def test_median_leaves_out_what_is_not_known():
    assert median_of(np.array([np.nan, 3, 1, 8]))(once(4)) == pytest.approx([3])
    assert np.isnan(median_of(np.array([np.nan]))(once(1)))[0]
    assert median_of(np.array([5.0, np.nan]))(np.array([[2.0, 0], [0, 2]])) == pytest.approx([5, np.nan], nan_ok=True)


def test_f1_by_hand():
    truth = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 2])
    said = np.array([0, 0, 1, 1, 0, 2, 2, 2, 0, 1])
    # class 0: tp 2, fp 2, fn 1; class 1: tp 1, fp 2, fn 1; class 2: tp 3, fp 0, fn 2
    expected = [4 / 7, 2 / 5, 6 / 8]
    assert [f1_of(truth, said, n)(once(10))[0] for n in range(3)] == pytest.approx(expected)
    assert macro_f1_of(truth, said, 3)(once(10)) == pytest.approx([np.mean(expected)])


def test_f1_of_a_class_that_is_not_there():
    truth, said = np.array([0, 0, 1]), np.array([0, 0, 2])
    assert np.isnan(f1_of(truth, said, 3)(once(3))[0])
    # class 1 is missed and class 2 made up: both 0; class 3 does not count
    assert macro_f1_of(truth, said, 4)(once(3)) == pytest.approx([1 / 3])


def by_loop(score, sides, sensitivity):
    """The specificity at the highest score that reaches the sensitivity."""
    positive, negative = score[sides > 0], score[sides < 0]
    if not len(positive) or not len(negative):
        return np.nan
    reached = [t for t in np.unique(score[sides != 0]) if np.mean(positive >= t) >= sensitivity - 1e-12]
    return np.mean(negative < max(reached))


@pytest.mark.parametrize("sensitivity", [0.5, 0.9, 0.94, 1.0])
def test_specificity_at_a_sensitivity(sensitivity):
    rng = np.random.default_rng(3)
    sides = rng.choice([-1, 0, 1], size=60)
    score = (rng.normal(size=60) + sides).round(1)
    weights = drawn(60)
    expected = [by_loop(score[rows], sides[rows], sensitivity) for rows in map(repeated, weights)]
    assert specificity_at(score, sides, sensitivity)(weights) == pytest.approx(expected)
    assert 0 < np.mean(expected) < 1


def test_specificity_by_hand():
    # positives .9 .8 .6 .3: three of four are at or above .6, where .7 of the negatives .7 .5 .2 is called, too
    score, sides = np.array([0.9, 0.8, 0.6, 0.3, 0.7, 0.5, 0.2]), np.array([1, 1, 1, 1, -1, -1, -1])
    assert specificity_at(score, sides, 0.75)(once(7)) == pytest.approx([2 / 3])
    assert specificity_at(score, sides, 0.76)(once(7)) == pytest.approx([1 / 3])
    assert np.isnan(specificity_at(score, np.abs(sides), 0.75)(once(7))[0])
    assert np.isnan(specificity_at(score, -np.abs(sides), 0.75)(once(7))[0])
