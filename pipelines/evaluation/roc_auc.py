"""Area under the ROC curve."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .statistic.auc_of import auc_of


def roc_auc(score: npt.ArrayLike, positive: npt.ArrayLike) -> float:
    """Chance that a positive case has the higher score; ties count half (Mann-Whitney).

    Returns nan where one of the two classes is missing.
    """
    s, sides = np.asarray(score, float), np.where(np.asarray(positive, bool), 1, -1)
    return float(auc_of(s, sides)(np.ones((1, len(s))))[0])
