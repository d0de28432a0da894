"""Free-response ROC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .froc_events import froc_points, sort_events
from .judge_scan import ScanOutcome

RATES = (1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 8.0)
"""False positives per scan of LUNA16's seven points."""

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Froc:
    """Sensitivity against false positives per scan, one point per threshold, from none (infinite) to the lowest.

    At a point, candidates of probability >= ``thresholds`` count.
    """

    thresholds: FloatArray
    false_positives_per_scan: FloatArray
    sensitivity: FloatArray
    n_scans: int
    n_nodules: int

    def sensitivity_at(self, rates: Sequence[float] = RATES) -> tuple[float, ...]:
        """Interpolate linearly; beyond the last point the sensitivity stays; nan without a nodule."""
        return tuple(float(v) for v in np.interp(rates, self.false_positives_per_scan, self.sensitivity))

    @property
    def cpm(self) -> float:
        """Mean sensitivity at the seven rates (competition performance metric)."""
        return float(np.mean(self.sensitivity_at()))


def compute_froc(outcomes: Sequence[ScanOutcome]) -> Froc:
    """Compute the curve over these scans; missed nodules count in the sensitivity's denominator at every threshold.

    Raises
    ------
    ValueError
        There is no scan.
    """
    if not outcomes:
        raise ValueError("a FROC needs a scan")
    events = sort_events(outcomes)
    n_nodules = sum(len(o.hits) for o in outcomes)
    x, y = froc_points(events, np.ones(len(outcomes)), n_nodules)
    return Froc(np.append(np.inf, events.probability[events.ends]), x, y, len(outcomes), n_nodules)
