"""Concordance with an ordered truth."""

from __future__ import annotations

import numpy as np

from .statistic import Statistic, Values, ratio
from .tie_groups import tie_groups


def concordance_of(score: Values, truth: Values) -> Statistic:
    """Return the share of pairs of different truth that the score puts in the same order, ties half (Harrell's C).

    The AUC for a truth of more than two levels. Rows with a nan in either are left out.
    """
    known = np.flatnonzero(np.isfinite(score) & np.isfinite(truth))
    if len(known) == 0:
        return lambda weights: np.full(len(weights), np.nan)
    groups = tie_groups(score[known])
    levels = np.unique(truth[known])
    above = [(truth[known] == level).astype(float) for level in levels]
    below = [(truth[known] < level).astype(float) for level in levels]

    def concordance(weights: Values) -> Values:
        w = weights[:, known]
        won, pairs = np.zeros(len(w)), np.zeros(len(w))
        for is_level, is_lower in zip(above, below, strict=True):
            high, low = groups.sums(w * is_level), groups.sums(w * is_lower)
            won += (high * (np.cumsum(low, axis=1) - low / 2)).sum(1)
            pairs += high.sum(1) * low.sum(1)
        return ratio(won, pairs)

    return concordance
