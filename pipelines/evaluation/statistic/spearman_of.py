"""Rank correlation."""

from __future__ import annotations

import numpy as np

from .statistic import Statistic, Values, ratio
from .tie_groups import tie_groups


def spearman_of(x: Values, y: Values) -> Statistic:
    """Return Spearman's correlation of the rows that have both; ties share their mean rank; nan if one is constant."""
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if len(known) == 0:
        return lambda weights: np.full(len(weights), np.nan)
    of_x, of_y = tie_groups(x[known]), tie_groups(y[known])

    def spearman(weights: Values) -> Values:
        w = weights[:, known]
        a, b = (_centred(g.midranks(w), w) for g in (of_x, of_y))
        return ratio((w * a * b).sum(1), np.sqrt((w * a * a).sum(1) * (w * b * b).sum(1)))

    return spearman


def _centred(ranks: Values, weights: Values) -> Values:
    return ranks - ratio((weights * ranks).sum(1), weights.sum(1))[:, None]
