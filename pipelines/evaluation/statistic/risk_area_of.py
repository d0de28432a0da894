"""Area under the risk-coverage curve."""

from __future__ import annotations

import numpy as np

from .statistic import Statistic, Values, ratio
from .tie_groups import tie_groups


def risk_area_of(uncertainty: Values, error: Values) -> Statistic:
    """Return the mean error of the surest share of rows, averaged over all shares (AURC, Geifman and El-Yaniv 2017).

    Equal to the mean error where uncertainty says nothing, lower where errors lie among the unsure. Rows equally unsure
    come in together; rows with a nan in either are left out.
    """
    known = np.flatnonzero(np.isfinite(uncertainty) & np.isfinite(error))
    if len(known) == 0:
        return lambda weights: np.full(len(weights), np.nan)
    groups, e = tie_groups(uncertainty[known]), error[known]

    def area(weights: Values) -> Values:
        w = weights[:, known]
        covered = groups.sums(w)
        risk = ratio(np.cumsum(groups.sums(w * e), axis=1), np.cumsum(covered, axis=1))
        return ratio(np.where(covered > 0, covered * risk, 0).sum(1), covered.sum(1))

    return area
