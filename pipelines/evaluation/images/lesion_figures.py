"""Figures of outlining lesions."""

from __future__ import annotations

import numpy as np

from ..statistic.mean_of import mean_of
from ..statistic.median_of import median_of
from ..statistic.statistic import Statistic, Values
from .judged_images import JudgedImages


def lesion_figures(judged: JudgedImages) -> dict[str, Statistic]:
    """Return Dice, misses and false areas, by name; none where there are no masks.

    ``dice_mean`` and ``dice_median`` are over the images with a lesion, each counted once, 0 where nothing or only
    something else was outlined. ``dice_missed_share``: of these images, those without a pixel in common.
    ``false_area_on_normal_share``: of the images without a lesion, those with any predicted pixel. An empty prediction
    on an image without a lesion scores nothing: it is no Dice of 1, and is in neither of the first three.
    """
    if not known_masks(judged).any():
        return {}
    dice, missed = judged.column(lambda o: o.dice), judged.column(lambda o: o.missed)
    return {
        "dice_mean": mean_of(dice),
        "dice_median": median_of(dice),
        "dice_missed_share": mean_of(missed),
        "false_area_on_normal_share": mean_of(false_area(judged)),
    }


def known_masks(judged: JudgedImages) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell which images have both a true and a predicted mask, either of which may be empty."""
    both = judged.column(lambda o: o.true_area) + judged.column(lambda o: o.predicted_area)
    return np.isfinite(both)


def false_area(judged: JudgedImages) -> Values:
    """Return 1 for an image without a lesion in which one was outlined, 0 where none was; nan for all others."""
    predicted, true = judged.column(lambda o: o.predicted_area), judged.column(lambda o: o.true_area)
    return np.where(np.isfinite(predicted) & (true == 0), (predicted > 0).astype(float), np.nan)
