"""F1, every class counted alike."""

from __future__ import annotations

import numpy as np

from .f1_of import Classes, f1_of
from .statistic import Statistic, Values, ratio


def macro_f1_of(truth: Classes, said: Classes, n_classes: int) -> Statistic:
    """Return the mean F1 of the classes that are there or are said; one that is only said has an F1 of 0."""
    of_class = [f1_of(truth, said, number) for number in range(n_classes)]

    def macro_f1(weights: Values) -> Values:
        each = np.stack([f1(weights) for f1 in of_class])
        known = np.isfinite(each)
        return ratio(np.where(known, each, 0).sum(0), known.sum(0).astype(float))

    return macro_f1
