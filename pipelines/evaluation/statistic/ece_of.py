"""Expected calibration error."""

from __future__ import annotations

import numpy as np

from .statistic import Statistic, Values, ratio

BINS = 10


def ece_of(probability: Values, happened: Values, *, bins: int = BINS) -> Statistic:
    """Return the mean distance of said and observed frequency over bins of equal width, weighted by their rows.

    Naeini et al. 2015. A row with a nan in either is left out.
    """
    known = np.isfinite(probability) & np.isfinite(happened)
    p, y = probability[known], happened[known]
    excess = np.zeros((len(p), bins))
    excess[np.arange(len(p)), np.minimum((p * bins).astype(int), bins - 1)] = p - y

    def ece(weights: Values) -> Values:
        w = weights[:, known]
        return ratio(np.abs(w @ excess).sum(1), w.sum(1))

    return ece
