"""How far said probabilities are from what happened."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def calibration_error(probability: npt.ArrayLike, happened: npt.ArrayLike, *, bins: int = 10) -> float:
    """Compute the expected calibration error over bins of equal width (Naeini et al. 2015); nan without a case."""
    p, y = np.asarray(probability, float), np.asarray(happened, float)
    if len(p) == 0:
        return float("nan")
    which = np.minimum((p * bins).astype(int), bins - 1)
    gaps = [abs(p[which == b].mean() - y[which == b].mean()) * (which == b).mean() for b in np.unique(which)]
    return float(np.sum(gaps))
