"""Specificity where the sensitivity is as high as asked for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .statistic import Statistic, Values, ratio
from .tie_groups import tie_groups

ENOUGH = 1e-9
"""A sensitivity so little below the one asked for is it: rounding of the shares."""


def specificity_at(score: Values, sides: npt.NDArray[np.int64], sensitivity: float) -> Statistic:
    """Return the share of side -1 below the highest threshold at which side 1 reaches ``sensitivity``.

    A row is called positive at or above the threshold, which is one of the scores, chosen anew for every weighting on
    these same rows: a figure of a chosen threshold, not of one fixed beforehand. Side 0 and scores of nan are left out;
    nan where a side is missing.
    """
    chosen = np.flatnonzero((sides != 0) & np.isfinite(score))
    positive = (sides[chosen] > 0).astype(float)
    if len(chosen) == 0:
        return lambda weights: np.full(len(weights), np.nan)
    groups = tie_groups(score[chosen])

    def specificity(weights: Values) -> Values:
        w = weights[:, chosen]
        true, false = groups.sums(w * positive), groups.sums(w * (1 - positive))
        missed = np.cumsum(true, axis=1) - true  # positives below each threshold
        reached = missed <= (1 - sensitivity + ENOUGH) * true.sum(1, keepdims=True)
        last = reached.shape[1] - 1 - np.argmax(reached[:, ::-1], axis=1)
        below = np.take_along_axis(np.cumsum(false, axis=1) - false, last[:, None], axis=1)[:, 0]
        return np.where(true.sum(1) > 0, ratio(below, false.sum(1)), np.nan)

    return specificity
