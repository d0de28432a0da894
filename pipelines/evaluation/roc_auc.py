"""Area under the ROC curve."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata


def roc_auc(score: npt.ArrayLike, positive: npt.ArrayLike) -> float:
    """Chance that a positive case has the higher score; ties count half (Mann-Whitney).

    Returns nan where one of the two classes is missing.
    """
    s, p = np.asarray(score, float), np.asarray(positive, bool)
    n_positive, n_negative = int(p.sum()), int((~p).sum())
    if n_positive == 0 or n_negative == 0:
        return float("nan")
    return float((rankdata(s)[p].sum() - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))
