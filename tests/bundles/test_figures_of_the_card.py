"""What the model card, the metadata and the README say is what the shipped weights were measured to do."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "bundles" / "lung_nodule_ct"
FIGURES = {
    name: json.loads((BUNDLE / "docs" / "figures" / f"{name}.json").read_text()) for name in ("metrics", "transplanted")
}
CARD, README = (path.read_text() for path in (BUNDLE / "docs" / "README.md", ROOT / "README.md"))


def row(name: str, digits: int = 3, unit: str = "") -> str:
    value, interval = FIGURES["metrics"][name], FIGURES["metrics"][f"{name.removesuffix('_mean')}_ci95"]
    return f"| {value:.{digits}f}{unit} | {interval[0]:.{digits}f} to {interval[1]:.{digits}f} |"


def test_the_figures_are_those_of_the_shipped_weights():
    weights = hashlib.sha256((BUNDLE / "models" / "model.pt").read_bytes()).hexdigest()
    assert FIGURES["transplanted"]["weights_hash"] == weights


@pytest.mark.parametrize(
    ("name", "digits", "unit"),
    [
        ("dice_mean", 3, ""),
        ("surface_distance_mm", 2, " mm"),
        ("diameter_mae_mm", 2, " mm"),
        ("diameter_bias_mm", 2, " mm"),
        ("malignancy_auc", 3, ""),
        ("malignancy_auc_modal", 3, ""),
        ("malignancy_auc_6_14mm", 3, ""),
        ("malignancy_auc_mean_3_up", 3, ""),
        ("malignancy_spearman", 3, ""),
        ("ece_cross_calibrated", 3, ""),
        ("ece_uncalibrated", 3, ""),
    ],
)
def test_the_card_says_what_was_measured(name, digits, unit):
    assert row(name, digits, unit) in CARD


def test_the_metadata_says_what_was_measured():
    told = json.loads((BUNDLE / "configs" / "metadata.json").read_text())["eval_metrics"]
    told.pop("data")
    assert len(told) >= 5
    for name, value in told.items():
        measured = FIGURES["metrics"]["dice_ci95" if name == "dice_mean_ci95" else name]
        assert value == pytest.approx(measured, abs=0.006), name


@pytest.mark.parametrize("name", ["dice_mean", "malignancy_auc", "malignancy_auc_modal", "ece_cross_calibrated"])
def test_the_readme_says_what_was_measured(name):
    assert f"| {FIGURES['metrics'][name]:.3f} (" in README


def test_the_operating_point_is_the_default():
    (point,) = (p for p in FIGURES["transplanted"]["operating_points"] if p["at_most_non_nodules_per_scan"] == 2)
    default = json.loads((BUNDLE / "configs" / "inference.json").read_text())["min_probability"]
    assert default == pytest.approx(point["probability"], abs=5e-4)
    assert f"{point['sensitivity']:.3f}" in CARD
    assert f"{point['sensitivity']:.3f}" in README


def test_scores_are_of_the_close_look_that_inference_takes():
    inference = json.loads((BUNDLE / "configs" / "inference.json").read_text())
    evaluation = yaml.safe_load((BUNDLE / "configs" / "evaluate.yaml").read_text())["close_look"]
    given = {**inference["close_look"], "outline_probability": inference["outline_probability"]}
    assert {**evaluation, "windows_hu": None} == {**given, "windows_hu": None}
    outline, share, plain_mm = (evaluation[n] for n in ("outline_probability", "presence_share", "plain_up_to_mm"))
    told = " ".join(CARD.split())
    assert f"says on an outline ({outline:g}, by hand" in told
    assert f"{1 - share:g} of that of the wide look and {share:g} of that of the close one" in told
    assert f"more than {plain_mm:g} mm is therefore taken further out" in told
