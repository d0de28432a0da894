import numpy as np
import pytest
from scipy import stats

from resmtnet.pipelines.evaluation.bootstrap_interval import bootstrap_interval
from resmtnet.pipelines.evaluation.patient_draws import Figure, draw_patients
from resmtnet.pipelines.evaluation.statistic.auc_of import auc_of
from resmtnet.pipelines.evaluation.statistic.mean_of import mean_of


def test_interval_agrees_with_scipy_where_everyone_has_one_nodule():
    values = np.random.default_rng(1).exponential(2, 200)
    ours = draw_patients([str(n) for n in range(200)], draws=4000).figure(mean_of(values))
    theirs = stats.bootstrap((values,), np.mean, n_resamples=4000, method="percentile", rng=0).confidence_interval
    assert ours.value == pytest.approx(values.mean())
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.03)


def test_rows_of_a_patient_come_together():
    counts = draw_patients(["b", "a", "b", "c"], draws=50).counts
    assert (counts[:, 0] == counts[:, 2]).all()
    assert (counts[:, [0, 1, 3]].sum(1) == 3).all()


def test_interval_by_patient_is_wider_than_by_row_when_rows_repeat():
    values = np.repeat(np.random.default_rng(1).normal(0, 1, 30), 10)
    by_patient = draw_patients([f"p{n // 10}" for n in range(300)]).figure(mean_of(values))
    by_row = draw_patients([str(n) for n in range(300)]).figure(mean_of(values))
    assert by_patient.high - by_patient.low > 2 * (by_row.high - by_row.low)


def test_a_subgroup_keeps_the_draws():
    patients = [str(n % 20) for n in range(60)]
    rows = np.arange(60) % 3 == 0
    draws = draw_patients(patients)
    assert (draws.of(rows).counts == draws.counts[:, rows]).all()


def test_blocks_do_not_change_the_values():
    values = np.random.default_rng(0).normal(size=3000)  # more than fits into one block of 2000 draws
    draws = draw_patients([str(n) for n in range(3000)], draws=300)
    figure = draws.figure(mean_of(values))
    at_once = np.quantile(mean_of(values)(draws.counts.astype(float)), [0.025, 0.975])
    assert (figure.low, figure.high) == pytest.approx(tuple(at_once))


def of_malignant(n_malignant: int, n: int = 12) -> Figure:
    sides = np.where(np.arange(n) < n - n_malignant, -1, 1)
    return draw_patients([str(i) for i in range(n)], draws=500).figure(auc_of(np.arange(float(n)), sides))


def test_draws_without_a_value_are_left_out():
    assert of_malignant(4) == Figure(1, 1, 1)  # one draw in 130 has no malignant nodule


def test_no_interval_where_many_draws_have_no_value():
    figure = of_malignant(1)  # a third of the draws do not hold it
    assert figure.value == 1
    assert np.isnan([figure.low, figure.high]).all()


def test_one_patient_has_no_interval():
    values = np.array([1.0, 2, 3, 10, 20])
    draws = draw_patients(["a", "a", "a", "b", "c"], draws=100)
    one = np.array([True, True, True, False, False])
    figure = draws.of(one).figure(mean_of(values[one]))
    assert figure.value == 2
    assert np.isnan([figure.low, figure.high]).all()
    assert draws.figure(mean_of(values)).low < draws.figure(mean_of(values)).high
    assert np.isnan(bootstrap_interval(lambda rows: float(values[rows].mean()), ["a"] * 5)).all()


def test_nobody_has_no_figure():
    figure = draw_patients([]).figure(mean_of(np.empty(0)))
    assert np.isnan([figure.value, figure.low, figure.high]).all()
