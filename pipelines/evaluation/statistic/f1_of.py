"""F1 of one class."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .statistic import Statistic, Values, ratio

Classes = npt.NDArray[np.int64]


def f1_of(truth: Classes, said: Classes, number: int) -> Statistic:
    """Return 2 tp / (2 tp + fp + fn) of class ``number``; nan where it is neither there nor said."""
    both = ((truth == number) & (said == number)).astype(float)
    either = (truth == number).astype(float) + (said == number)

    def f1(weights: Values) -> Values:
        return ratio(2 * (weights @ both), weights @ either)

    return f1
