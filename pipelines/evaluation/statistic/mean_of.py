"""Mean."""

from __future__ import annotations

import numpy as np

from .statistic import Statistic, Values, ratio


def mean_of(values: Values) -> Statistic:
    """Return the mean of the rows whose value is not nan."""
    known = np.isfinite(values)
    kept = values[known]

    def mean(weights: Values) -> Values:
        chosen = weights[:, known]
        return ratio(chosen @ kept, chosen.sum(1))

    return mean
