import numpy as np
import pytest

from resmtnet.pipelines.evaluation.bootstrap_interval import bootstrap_interval
from resmtnet.pipelines.evaluation.calibration_error import calibration_error
from resmtnet.pipelines.evaluation.nodule_metrics import nodule_metrics
from resmtnet.pipelines.evaluation.nodule_outcome import NoduleOutcome
from resmtnet.pipelines.evaluation.roc_auc import roc_auc


def outcome(patient: str, malignancy: float, scores: list[int], **changes: float) -> NoduleOutcome:
    said = {"probability": 0.6, "dice": 0.8, "diameter_mm": 8.0, "predicted_diameter_mm": 9.0} | changes
    return NoduleOutcome(
        key=patient, patient_id=patient, found=True, malignancy_probability=malignancy,
        scores=scores, modal_score=scores[0], **said,
    )  # fmt: skip


def test_auc_counts_pairs():
    score, positive = [0.1, 0.4, 0.35, 0.8, 0.4], [0, 0, 1, 1, 1]
    pairs = [(p > n) + 0.5 * (p == n) for p in (0.35, 0.8, 0.4) for n in (0.1, 0.4)]
    assert roc_auc(score, positive) == pytest.approx(np.mean(pairs))
    assert np.isnan(roc_auc([0.1, 0.2], [1, 1]))


def test_bootstrap_of_a_mean_agrees_with_the_normal_interval():
    values = np.random.default_rng(1).normal(10, 2, 400)
    low, high = bootstrap_interval(lambda rows: values[rows].mean(), [str(n) for n in range(400)])
    half = 1.96 * values.std() / 20
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.06)


def test_interval_by_patient_is_wider_than_by_row_when_rows_repeat():
    values = np.repeat(np.random.default_rng(1).normal(0, 1, 30), 10)
    patients = np.repeat([f"p{n}" for n in range(30)], 10)
    by_patient, by_row = (
        bootstrap_interval(lambda rows: values[rows].mean(), groups, draws=500)
        for groups in (list(patients), [str(n) for n in range(300)])
    )
    assert by_patient[1] - by_patient[0] > 2 * (by_row[1] - by_row[0])


def test_calibration_error_by_hand():
    # two bins: said 0.25 and happened 0.5 (half of the cases), said 0.95 and happened 1 (half)
    assert calibration_error([0.25, 0.25, 0.95, 0.95], [0, 1, 1, 1]) == pytest.approx((0.25 + 0.05) / 2)


def test_metrics_follow_the_label_rules():
    outcomes = [
        outcome("a", 0.1, [1, 2, 2]),
        outcome("b", 0.9, [5, 5, 4]),
        outcome("c", 0.2, [3, 3, 3]),  # indeterminate: in no AUC
        outcome("d", 0.95, [1, 1]),  # two readers: not in the mean rule, but in the modal one
    ]
    metrics = nodule_metrics(outcomes)
    assert metrics["n_rated_clearly"] == 2
    assert metrics["malignancy_auc"] == 1.0
    assert metrics["malignancy_auc_modal"] == 0.5
    assert metrics["diameter_bias_mm"] == 1.0
    assert metrics["dice_mean"] == pytest.approx(0.8)
    assert metrics["sensitivity_at_0.5"] == 1.0


def test_a_figure_without_cases_is_none_not_nan():
    metrics = nodule_metrics([outcome("a", 0.1, [3, 3, 3])])
    assert metrics["malignancy_auc"] is None
    assert metrics["malignancy_auc_ci95"] is None
