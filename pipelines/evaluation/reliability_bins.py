"""Said and observed frequency, bin by bin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .patient_draws import Figure, PatientDraws
from .statistic.ece_of import BINS
from .statistic.mean_of import mean_of


@dataclass(frozen=True)
class ReliabilityBin:
    """``n`` cases, the mean of what was said of them, and the share of which it was true."""

    n: int
    said: float
    observed: Figure


def reliability_bins(
    probability: npt.NDArray[np.float64],
    happened: npt.NDArray[np.float64],
    draws: PatientDraws,
    *,
    bins: int = BINS,
) -> list[ReliabilityBin]:
    """Group cases as :func:`ece_of` does; empty bins are left out, and so are cases with a nan."""
    known = np.isfinite(probability) & np.isfinite(happened)
    p, y, drawn = probability[known], happened[known], draws.of(known)
    which = np.minimum((p * bins).astype(int), bins - 1)
    chosen = [which == b for b in np.unique(which)]
    return [
        ReliabilityBin(int(rows.sum()), float(p[rows].mean()), drawn.of(rows).figure(mean_of(y[rows])))
        for rows in chosen
    ]
