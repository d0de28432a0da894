"""What a statistic is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Statistic = Callable[[Values], Values]


def ratio(above: Values, below: Values) -> Values:
    """Divide; nan where there is nothing to divide by."""
    return np.asarray(np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0))


def difference_of(first: Statistic, second: Statistic) -> Statistic:
    """Return the paired difference: both are computed on the same draws."""
    return lambda weights: first(weights) - second(weights)
