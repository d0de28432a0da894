"""Error against uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .patient_draws import Figure, PatientDraws
from .statistic.mean_of import mean_of
from .statistic.risk_area_of import risk_area_of
from .statistic.spearman_of import spearman_of

_BINS = 5


@dataclass(frozen=True)
class UncertaintyBin:
    """``n`` cases of like uncertainty, and their mean error."""

    n: int
    mean_uncertainty: float
    error: Figure


@dataclass(frozen=True)
class UncertaintyCurve:
    """What uncertainty says of error.

    ``bins`` by rising uncertainty; ``spearman`` of the two; ``risk_area`` as in :func:`risk_area_of`, to be compared
    with ``mean_error``: equal, if uncertainty says nothing.
    """

    n: int
    bins: Sequence[UncertaintyBin]
    spearman: Figure
    risk_area: Figure
    mean_error: Figure


def uncertainty_curve(
    uncertainty: npt.NDArray[np.float64], error: npt.NDArray[np.float64], draws: PatientDraws, *, bins: int = _BINS
) -> UncertaintyCurve:
    """Sort cases by uncertainty, and see whether error rises with it; a nan in either leaves the case out.

    Bins hold as equally many cases as may be; cases equally unsure stay together.
    """
    known = np.isfinite(uncertainty) & np.isfinite(error)
    u, e, drawn = uncertainty[known], error[known], draws.of(known)
    edges = np.unique(np.quantile(u, np.arange(1, bins) / bins)) if len(u) else np.empty(0)
    which = np.searchsorted(edges, u, side="left")
    return UncertaintyCurve(
        n=len(u),
        bins=[
            UncertaintyBin(int(np.sum(which == b)), float(u[which == b].mean()), _mean(e, drawn, which == b))
            for b in np.unique(which)
        ],
        spearman=drawn.figure(spearman_of(u, e)),
        risk_area=drawn.figure(risk_area_of(u, e)),
        mean_error=drawn.figure(mean_of(e)),
    )


def _mean(error: npt.NDArray[np.float64], draws: PatientDraws, rows: npt.NDArray[np.bool_]) -> Figure:
    return draws.of(rows).figure(mean_of(error[rows]))
