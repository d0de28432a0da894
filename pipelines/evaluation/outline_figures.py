"""Figures of finding, outlining and measuring."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .column import column
from .nodule_outcome import NoduleOutcome
from .statistic.limit_of import NORMAL_95, limit_of
from .statistic.mean_of import mean_of
from .statistic.statistic import Statistic, Values

_DETECTION_PROBABILITIES = (0.1, 0.2, 0.3, 0.5, 0.7)


def outline_figures(outcomes: Sequence[NoduleOutcome]) -> dict[str, Statistic]:
    """Return Dice, surface distances, sensitivity, and error of diameter and volume, by name.

    ``..._limit_low_...`` and ``..._limit_high_...`` are the 95 % limits of agreement (Bland and Altman 1986). The error
    of volume is a percentage of the readers' volume; ``volume_difference_...``, for the limits, one of the mean of
    both, so that twice and half are equally far.
    """
    found = column(outcomes, lambda o: o.probability if o.found else -1.0)
    error = column(outcomes, lambda o: o.predicted_diameter_mm - o.diameter_mm)
    relative, difference = _volume_errors(outcomes)
    return {
        "dice_mean": mean_of(column(outcomes, lambda o: o.dice)),
        "dice_in_cube_mean": mean_of(column(outcomes, lambda o: o.dice_in_cube)),
        "surface_distance_mm": mean_of(column(outcomes, lambda o: o.surface_distance_mm)),
        "hausdorff95_mm": mean_of(column(outcomes, lambda o: o.hausdorff95_mm)),
        "diameter_mae_mm": mean_of(np.abs(error)),
        "diameter_bias_mm": mean_of(error),
        **_limits("diameter", error, "mm"),
        "volume_mae_percent": mean_of(np.abs(relative)),
        "volume_bias_percent": mean_of(relative),
        "volume_difference_bias_percent": mean_of(difference),
        **_limits("volume_difference", difference, "percent"),
        **{f"sensitivity_at_{p:g}": mean_of((found >= p).astype(float)) for p in _DETECTION_PROBABILITIES},
    }


def _volume_errors(outcomes: Sequence[NoduleOutcome]) -> tuple[Values, Values]:
    """Return percent of the readers' volume, and percent of the mean of both."""
    truth, said = column(outcomes, lambda o: o.volume_mm3), column(outcomes, lambda o: o.predicted_volume_mm3)
    truth = np.where(truth > 0, truth, np.nan)
    return 100 * (said - truth) / truth, 200 * (said - truth) / (said + truth)


def _limits(name: str, differences: Values, unit: str) -> dict[str, Statistic]:
    return {
        f"{name}_limit_low_{unit}": limit_of(differences, deviations=-NORMAL_95),
        f"{name}_limit_high_{unit}": limit_of(differences, deviations=NORMAL_95),
    }
