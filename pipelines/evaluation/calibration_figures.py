"""Figures of the calibration of malignancy."""

from __future__ import annotations

from collections.abc import Sequence

from .column import column
from .cross_calibrated import cross_calibrated
from .label_rules import malignant_label
from .nodule_outcome import NoduleOutcome
from .statistic.ece_of import ece_of
from .statistic.mean_of import mean_of
from .statistic.statistic import Statistic


def calibration_figures(outcomes: Sequence[NoduleOutcome]) -> dict[str, Statistic]:
    """Return the expected calibration error and the Brier score where the mean rating is clear, by name.

    Of the probability as told, of that before calibration (``..._uncalibrated``), and of that calibrated on other
    patients (``..._cross_calibrated``, see :func:`cross_calibrated`).
    """
    happened = column(outcomes, malignant_label)
    probabilities = {
        "": column(outcomes, lambda o: o.malignancy_probability),
        "_uncalibrated": column(outcomes, lambda o: o.uncalibrated_probability),
        "_cross_calibrated": cross_calibrated(outcomes),
    }
    figures = {f"ece{suffix}": ece_of(p, happened) for suffix, p in probabilities.items()}
    return figures | {f"brier{suffix}": mean_of((p - happened) ** 2) for suffix, p in probabilities.items()}
