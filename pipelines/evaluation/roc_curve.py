"""The ROC curve."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .label_rules import Sides

Rates = npt.NDArray[np.float64]


def roc_curve(score: npt.NDArray[np.float64], sides: Sides) -> tuple[Rates, Rates]:
    """Return false and true positive rate at every threshold, from (0, 0) to (1, 1), by falling threshold.

    The trapezes below it have the area of :func:`auc_of`. Empty where one of the two sides is missing;
    a nan is left out.
    """
    chosen = (sides != 0) & np.isfinite(score)
    s, positive = score[chosen], sides[chosen] > 0
    if positive.all() or not positive.any():
        return np.empty(0), np.empty(0)
    order = np.argsort(-s, kind="stable")
    last = np.flatnonzero(np.r_[np.diff(s[order]) != 0, True])
    true, false = np.cumsum(positive[order])[last], np.cumsum(~positive[order])[last]
    return np.r_[0, false / false[-1]], np.r_[0, true / true[-1]]
