"""Limits of agreement."""

from __future__ import annotations

import numpy as np

from .mean_of import mean_of
from .statistic import Statistic, Values, ratio

NORMAL_95 = 1.959963984540054
"""Standard deviations about the mean that hold 95 % of a normal distribution."""


def limit_of(differences: Values, *, deviations: float) -> Statistic:
    """Return mean + ``deviations`` * standard deviation of the differences (Bland and Altman 1986); nan: not known.

    The standard deviation has n - 1 in its denominator; fewer than two rows have none.
    """
    mean, known = mean_of(differences), np.isfinite(differences)
    kept = differences[known]

    def limit(weights: Values) -> Values:
        chosen, middle = weights[:, known], mean(weights)
        squares = (chosen * (kept - middle[:, None]) ** 2).sum(1)
        return np.asarray(middle + deviations * np.sqrt(ratio(squares, chosen.sum(1) - 1)))

    return limit
