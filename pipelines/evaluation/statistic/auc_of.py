"""Area under the ROC curve."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .statistic import Statistic, Values, ratio
from .tie_groups import tie_groups


def auc_of(score: Values, sides: npt.NDArray[np.int64]) -> Statistic:
    """Return the chance that a row of side 1 scores above one of side -1, ties half (Mann-Whitney); side 0 is left out.

    A row whose score is nan is left out too.
    """
    chosen = np.flatnonzero((sides != 0) & np.isfinite(score))
    positive = (sides[chosen] > 0).astype(float)
    if len(chosen) == 0:
        return lambda weights: np.full(len(weights), np.nan)
    groups = tie_groups(score[chosen])

    def auc(weights: Values) -> Values:
        w = weights[:, chosen]
        above, below = groups.sums(w * positive), groups.sums(w * (1 - positive))
        won = (above * (np.cumsum(below, axis=1) - below / 2)).sum(1)
        return ratio(won, above.sum(1) * below.sum(1))

    return auc
