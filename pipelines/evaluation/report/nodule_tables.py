"""The tables of the nodule report, each from its part of the metrics."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from ...results.page.number_text import number_text
from ...results.page.text_table import text_table
from .figure_text import figure_text

Figures = Mapping[str, Any]  # JSON
_KINDS = {
    "diameter": "longest axial diameter, as the readers outlined",
    "texture": "texture, the mean of the readers: 1-2 non-solid, 3-4 part-solid, 5 solid",
    "slice_distance": "distance of slices",
}


def malignancy_table(metrics: Figures) -> str:
    """Lay out AUC by label rule, beside the diameter alone and the paired gain over it."""
    rows = []
    for rule, text in metrics["label_rules"].items():
        n = metrics["n_by_rule"][rule]
        rows.append((text, f"{n['malignant']} / {n['benign']}", *_beside(metrics, _auc_name(rule))))
    rows.append(("same order as the mean rating (concordance)", "", *_beside(metrics, "malignancy_concordance")))
    return text_table(("Rule", "malignant / benign", "model", "diameter alone", "gain"), rows)


def calibration_rows(metrics: Figures, calibration: Figures) -> str:
    """Lay out what the calibration is worth as told, and each form that could be fitted."""
    rows = [("as told", "", figure_text(metrics, "ece"), figure_text(metrics, "brier"))]
    for form, fitted in calibration["forms"].items():
        name = "before calibration" if form == "none" else f"{form}, fitted on other patients"
        rows.append((name, _parameters(fitted), figure_text(fitted, "ece"), figure_text(fitted, "brier")))
    return text_table(("Probability", "fit on all", "ECE, 10 bins", "Brier score"), rows, left=2)


def outline_table(metrics: Figures) -> str:
    """Lay out finding, outline and size."""
    rows = [
        ("Dice, on the voxels of the scan", figure_text(metrics, "dice_mean")),
        ("Dice, over the slices made beyond the patch, too", figure_text(metrics, "dice_in_cube_mean")),
        ("mean surface distance", figure_text(metrics, "surface_distance_mm", digits=2, unit="mm")),
        ("surface distance, 95th percentile", figure_text(metrics, "hausdorff95_mm", digits=2, unit="mm")),
        ("longest axial diameter: mean absolute error", figure_text(metrics, "diameter_mae_mm", digits=2, unit="mm")),
        ("its bias", figure_text(metrics, "diameter_bias_mm", digits=2, unit="mm")),
        *_limit_rows(metrics, "diameter", "mm", 2),
        (
            "volume: mean absolute error, of the readers' volume",
            figure_text(metrics, "volume_mae_percent", digits=1, unit="%"),
        ),
        ("its bias", figure_text(metrics, "volume_bias_percent", digits=1, unit="%")),
        (
            "volume: bias, of the mean of both",
            figure_text(metrics, "volume_difference_bias_percent", digits=1, unit="%"),
        ),
        *_limit_rows(metrics, "volume_difference", "percent", 1),
    ]
    found = sorted((n for n in metrics if n.startswith("sensitivity_at_") and "_ci95" not in n), key=_threshold)
    rows += [(f"found at probability {_threshold(n):g}", figure_text(metrics, n)) for n in found]
    return text_table(("What", "figure"), rows)


def attribute_table(attributes: Mapping[str, Figures]) -> str:
    """Lay out agreement with the readers' mean rating."""
    rows = [
        (a, str(f["n"]), figure_text(f, "spearman", digits=2), figure_text(f, "mae", digits=2))
        for a, f in attributes.items()
    ]
    return text_table(("Attribute", "n", "rank correlation with the readers' mean", "mean absolute error, steps"), rows)


def uncertainty_table(uncertainty: Mapping[str, Figures]) -> str:
    """Lay out what uncertainty says of error."""
    rows = [
        (name, str(f["n"]), *(figure_text(f, part) for part in ("spearman", "risk_area", "mean_error")))
        for name, f in uncertainty.items()
    ]
    head = ("Of", "n", "rank correlation with error", "mean error over surest shares", "mean error of all")
    return text_table(head, rows)


def subgroup_tables(subgroups: Mapping[str, Mapping[str, Figures]]) -> str:
    """Lay out each kind of subgroup."""
    head = ("", "nodules", "Dice", "diameter: error, mm", "its bias, mm", "AUC, mean rating", "AUC, modal rating")
    parts = []
    for kind, groups in subgroups.items():
        rows = [(name, str(f["n_nodules"]), *_subgroup(f)) for name, f in groups.items()]
        parts.append(f"<h3>By {escape(_KINDS.get(kind, kind))}</h3>{text_table(head, rows)}")
    return "".join(parts)


def _auc_name(rule: str) -> str:
    return "malignancy_auc" if rule == "mean" else f"malignancy_auc_{rule}"


def _beside(metrics: Figures, name: str) -> tuple[str, ...]:
    return tuple(figure_text(metrics, name + suffix) for suffix in ("", "_diameter_only", "_gain"))


def _subgroup(figures: Figures) -> tuple[str, ...]:
    sizes = (figure_text(figures, n, digits=2) for n in ("diameter_mae_mm", "diameter_bias_mm"))
    ratings = (figure_text(figures, n) for n in ("malignancy_auc", "malignancy_auc_modal"))
    return (figure_text(figures, "dice_mean"), *sizes, *ratings)


def _parameters(fitted: Figures) -> str:
    return ", ".join(f"{n} {number_text(fitted[n], 3)}" for n in ("scale", "shift", "log_diameter") if n in fitted)


def _limit_rows(metrics: Figures, name: str, unit: str, digits: int) -> list[tuple[str, str]]:
    short = "%" if unit == "percent" else unit
    return [
        (
            f"its 95 % limit of agreement, {text}",
            figure_text(metrics, f"{name}_limit_{end}_{unit}", digits=digits, unit=short),
        )
        for end, text in (("low", "lower"), ("high", "upper"))
    ]


def _threshold(name: str) -> float:
    return float(name.removeprefix("sensitivity_at_"))
