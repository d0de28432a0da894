"""The tables of the image report, each from its part of the metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...results.page.text_table import text_table
from .figure_text import figure_text

Figures = Mapping[str, Any]  # JSON
_AT_94 = "specificity_at_sensitivity_94"


def class_table(metrics: Figures) -> str:
    """Lay out how well classes are named, all together and each by itself."""
    per_class: Mapping[str, Figures] = metrics["per_class"]
    of_classes = [
        (name, str(f["n_images"]), *(figure_text(f, figure) for figure in ("precision", "recall", "f1")))
        for name, f in per_class.items()
    ]
    head = ("Class", "images", "precision", "recall", "F1")
    together = [
        ("accuracy", figure_text(metrics, "accuracy")),
        ("macro F1", figure_text(metrics, "macro_f1")),
        ("calibration error (ECE) of the class said", figure_text(metrics, "ece")),
    ]
    return text_table(("All classes", "figure"), together) + text_table(head, of_classes)


def positive_table(metrics: Figures, against: str) -> str:
    """Lay out how well the positive class is told from the others; ``against``: the others with a lesion."""
    rows = [
        ("area under the ROC curve", figure_text(metrics, "auc_against_lesions"), figure_text(metrics, "auc")),
        ("sensitivity at a probability of 0.5", *[figure_text(metrics, "sensitivity_at_0.5")] * 2),
        ("specificity at a probability of 0.5", *_both(metrics, "specificity_at_0.5")),
        ("specificity at a sensitivity of 0.94, threshold chosen on the same images", *_both(metrics, _AT_94)),
        (
            "the same, threshold chosen on the other half of the groups",
            figure_text(metrics, f"{_AT_94}_cross_fitted"),
            "",
        ),
        ("sensitivity that this has", figure_text(metrics, "sensitivity_cross_fitted"), ""),
        ("calibration error (ECE)", "", figure_text(metrics, "ece_positive")),
        ("Brier score", "", figure_text(metrics, "brier_positive")),
    ]
    return text_table((str(metrics["positive"]), f"against {against}", "against all others"), rows)


def lesion_table(metrics: Figures) -> str:
    """Lay out how well lesions are outlined."""
    rows = [
        (f"Dice, mean of {metrics['n_with_lesion']} images with a lesion", figure_text(metrics, "dice_mean")),
        ("Dice, median", figure_text(metrics, "dice_median")),
        ("share of them without any overlap", figure_text(metrics, "dice_missed_share")),
        (
            f"share of {metrics['n_without_lesion']} images without a lesion in which one is outlined",
            figure_text(metrics, "false_area_on_normal_share"),
        ),
    ]
    named = [(name, f) for name, f in metrics["per_class"].items() if "dice_mean" in f]
    rows += [(f"Dice, mean of {name}", figure_text(f, "dice_mean")) for name, f in named]
    return text_table(("What", "figure"), rows)


def _both(metrics: Figures, name: str) -> tuple[str, str]:
    return figure_text(metrics, name), figure_text(metrics, f"{name}_against_rest")
