"""How far said probabilities are from what happened."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .statistic.ece_of import BINS, ece_of


def calibration_error(probability: npt.ArrayLike, happened: npt.ArrayLike, *, bins: int = BINS) -> float:
    """Compute the expected calibration error over bins of equal width (Naeini et al. 2015); nan without a case."""
    p, y = np.asarray(probability, float), np.asarray(happened, float)
    return float(ece_of(p, y, bins=bins)(np.ones((1, len(p))))[0])
