"""The figures of simulated nodules against other libraries and formulas."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from resmtnet.pipelines.evaluation.nodule_metrics import nodule_metrics
from resmtnet.pipelines.evaluation.nodule_outcome import NoduleOutcome

ASKED = [
    *("n_patients", "n_nodules", "malignancy_auc", "malignancy_auc_ci95", "malignancy_auc_modal"),
    *("malignancy_auc_6_14mm", "dice_mean", "dice_ci95", "diameter_mae_mm", "diameter_bias_mm", "ece"),
]


@pytest.fixture(scope="module")
def metrics(simulated):
    return nodule_metrics(simulated, draws=300)


def test_what_is_asked_for_is_there_with_intervals(metrics):
    for name in ASKED:
        assert metrics[name] is not None
    for name in [n for n, v in metrics.items() if isinstance(v, float)]:
        low, high = metrics[f"{name.removesuffix('_mean')}_ci95"]
        assert low <= high


def test_it_is_json(metrics):
    assert json.loads(json.dumps(metrics, allow_nan=False))["n_nodules"] == 300


def test_auc_and_gain_over_the_diameter(simulated, metrics):
    malignant = np.array([o.modal_score > 3 for o in simulated])

    def auc(values):
        values = np.array(values)
        return stats.mannwhitneyu(values[malignant], values[~malignant]).statistic / (
            malignant.sum() * (~malignant).sum()
        )

    told, size = auc([o.malignancy_probability for o in simulated]), auc([o.diameter_mm for o in simulated])
    assert metrics["malignancy_auc"] == pytest.approx(told)
    assert metrics["malignancy_auc_modal_diameter_only"] == pytest.approx(size)
    assert metrics["malignancy_auc_gain"] == pytest.approx(told - size)
    low, high = metrics["malignancy_auc_gain_ci95"]
    singly = metrics["malignancy_auc_ci95"], metrics["malignancy_auc_diameter_only_ci95"]
    # paired: narrower than that of two independent samples
    assert high - low < np.hypot(*(b - a for a, b in singly))


def test_the_gain_is_that_of_nodules_that_have_a_diameter(simulated):
    """Points have none; they must not count for the model alone."""
    blank = [
        replace(o, diameter_mm=float("nan"), malignancy_probability=0.5, scores=[1, 1, 1]) for o in simulated[:100]
    ]
    metrics, without = (nodule_metrics(o, draws=100) for o in ([*blank, *simulated[100:]], simulated[100:]))
    for name in ("malignancy_auc_gain", "malignancy_concordance_gain"):
        assert metrics[name] == pytest.approx(without[name])
    assert metrics["malignancy_auc"] != pytest.approx(without["malignancy_auc"])
    assert metrics["n_with_diameter"] == 200


def test_an_auc_of_few_is_not_given_in_a_subgroup(simulated):
    large = [replace(o, diameter_mm=30.0) for o in simulated if o.modal_score > 3][:9]
    large += [replace(o, diameter_mm=30.0) for o in simulated if o.modal_score < 3][:5]
    group = nodule_metrics(large, draws=50)["subgroups"]["diameter"][">=20 mm"]
    assert group["malignancy_auc"] is not None
    group = nodule_metrics(large[:-1], draws=50)["subgroups"]["diameter"][">=20 mm"]
    assert (group["malignancy_auc"], group["malignancy_auc_modal"]) == (None, None)
    assert group["n_by_rule"]["mean"] == {"malignant": 9, "benign": 4}


def test_nodules_without_a_predicted_mask_are_counted(simulated):
    missed = [replace(o, dice=0.0, predicted_volume_mm3=0.0, surface_distance_mm=None) for o in simulated[:3]]
    metrics = nodule_metrics([*missed, *simulated[3:10]], draws=10)
    assert (metrics["n_outlined"], metrics["n_outlined_not_predicted"]) == (10, 3)


def test_bland_altman_by_formula(simulated, metrics):
    difference = np.array([o.predicted_diameter_mm - o.diameter_mm for o in simulated])
    assert metrics["diameter_bias_mm"] == pytest.approx(difference.mean())
    limits = [metrics["diameter_limit_low_mm"], metrics["diameter_limit_high_mm"]]
    half = stats.norm.ppf(0.975) * difference.std(ddof=1)
    assert limits == pytest.approx([difference.mean() - half, difference.mean() + half])
    low, high = metrics["diameter_limit_high_mm_ci95"]
    # Bland and Altman 1986: the standard error of a limit is about sqrt(3 / n) SD; two nodules per patient, independent
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(3 / 300) * difference.std(), rel=0.35)


def test_volume_is_relative(metrics):
    assert metrics["volume_bias_percent"] == pytest.approx(10)
    assert metrics["volume_mae_percent"] == pytest.approx(10)
    assert metrics["volume_difference_bias_percent"] == pytest.approx(100 * 0.1 / 1.05)
    assert metrics["volume_difference_limit_high_percent"] == pytest.approx(100 * 0.1 / 1.05)


def test_calibration_before_and_after(metrics):
    assert metrics["ece"] == metrics["ece_uncalibrated"] > 0.15
    assert metrics["ece_cross_calibrated"] < 0.1
    assert metrics["brier_cross_calibrated"] < metrics["brier"]


def test_told_and_uncalibrated_are_kept_apart(simulated):
    sharp = [replace(o, malignancy_probability=float(o.modal_score > 3)) for o in simulated]
    metrics = nodule_metrics(sharp, draws=10)
    assert metrics["ece"] == 0
    assert metrics["ece_uncalibrated"] > 0.15


def test_attributes(metrics):
    assert metrics["attributes"]["texture"]["spearman"] == pytest.approx(1)
    assert metrics["attributes"]["texture"]["mae"] == pytest.approx(0.25)
    assert metrics["attributes"]["texture"]["n"] == 300


def test_uncertainty_of_the_outline_says_something_that_of_malignancy_does_not(metrics):
    assert metrics["uncertainty"]["outline"]["spearman_ci95"][0] > 0.5
    low, high = metrics["uncertainty"]["malignancy"]["spearman_ci95"]
    assert low < 0.2 < 0.5 > high


def test_subgroups_add_up(simulated, metrics):
    for groups in metrics["subgroups"].values():
        assert sum(group["n_nodules"] for group in groups.values()) == 300
    small = [o.dice for o in simulated if o.diameter_mm < 6]
    assert metrics["subgroups"]["diameter"]["<6 mm"]["dice_mean"] == pytest.approx(np.mean(small))


def test_sensitivity_counts_missed_nodules(simulated, metrics):
    hits = [o.found and o.probability >= 0.3 for o in simulated]
    assert metrics["sensitivity_at_0.3"] == pytest.approx(np.mean(hits))


def test_a_figure_without_cases_is_none(simulated):
    bare = replace(
        simulated[0], scores=[], modal_score=0, volume_mm3=None, surface_distance_mm=None, attributes={}, slice_mm=None
    )
    metrics = nodule_metrics([bare], draws=10)
    for name in ("malignancy_auc", "ece", "volume_bias_percent", "surface_distance_mm", "diameter_limit_low_mm"):
        assert metrics[name] is None
        assert metrics[f"{name}_ci95"] is None
    assert metrics["dice_mean"] == simulated[0].dice
    assert nodule_metrics([], draws=10)["dice_mean"] is None


@pytest.mark.data
def test_the_diameter_alone_reaches_its_known_floor(shared_data):
    """Against figures measured before, by another program, on these nodules: 0.946 and 0.905 (tables' diameters)."""
    folder = shared_data / "lidc_nodules"
    ratings: dict[str, list[int]] = {}
    with (folder / "ratings.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            ratings.setdefault(row["key"], []).append(int(row["malignancy"]))
    with (folder / "nodules.csv").open(newline="") as file:
        outcomes = [of_table(row, ratings.get(row["key"], [])) for row in csv.DictReader(file)]
    metrics = nodule_metrics(outcomes)
    assert (metrics["n_patients"], metrics["n_nodules"]) == (440, 795)
    assert metrics["malignancy_auc_diameter_only"] == pytest.approx(0.946, abs=0.005)
    assert metrics["malignancy_auc_diameter_only_ci95"] == pytest.approx([0.924, 0.967], abs=0.005)
    assert metrics["malignancy_auc_modal_diameter_only"] == pytest.approx(0.905, abs=0.005)
    assert metrics["malignancy_auc_modal_diameter_only_ci95"] == pytest.approx([0.875, 0.927], abs=0.005)


def of_table(row, scores):
    diameter = float(row["diameter_mm"])
    return NoduleOutcome(
        key=row["key"], patient_id=row["patient_id"], found=False, probability=0.0, dice=0.0, diameter_mm=diameter,
        predicted_diameter_mm=diameter, malignancy_probability=0.5, scores=scores,
        modal_score=int(float(row["malignancy_mode"] or 0)),
    )  # fmt: skip
