"""Median."""

from __future__ import annotations

import numpy as np

from .statistic import Statistic, Values


def median_of(values: Values) -> Statistic:
    """Return the median of the rows whose value is not nan; between two middle rows, their mean."""
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    rising = values[order]
    if len(order) == 0:
        return lambda weights: np.full(len(weights), np.nan)

    def median(weights: Values) -> Values:
        through = np.cumsum(weights[:, order], axis=1)  # rows up to and with each value
        n = through[:, -1]
        low, high = (_value_at(rising, through, place) for place in (np.ceil(n / 2), np.floor(n / 2) + 1))
        return (low + high) / 2

    return median


def _value_at(rising: Values, through: Values, place: Values) -> Values:
    """Return the value of the row at a place, counted from 1; nan where there are no rows."""
    found = np.full(len(through), np.nan)
    some = through[:, -1] > 0
    first = np.argmax(through[some] >= place[some, None], axis=1)
    found[some] = rising[first]
    return found
