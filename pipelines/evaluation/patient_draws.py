"""Whole patients drawn with replacement, once for all figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .statistic.statistic import Statistic, Values

_BLOCK = 1 << 18
"""Weights that are worked on at a time: they stay in the processor's cache."""
LEAST_PATIENTS = 2
"""One patient, drawn again and again, is always the same: an interval of no width would look like certainty."""
_LEAST_DEFINED = 0.9
"""Share of the draws. Where one class is in so few patients that more draws lack it, the others flatter."""


@dataclass(frozen=True)
class Figure:
    """A value and its interval; nan where not defined."""

    value: float
    low: float
    high: float


UNKNOWN = Figure(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True, eq=False)
class PatientDraws:
    """``counts`` ``(draws, rows)``: how often the patient of each row was drawn; ``patients``: who it is."""

    counts: npt.NDArray[np.uint16]
    patients: npt.NDArray[np.intp]

    def of(self, rows: npt.NDArray[np.bool_]) -> PatientDraws:
        """Return the same draws for some of the rows."""
        return PatientDraws(self.counts[:, rows], self.patients[rows])

    def figure(self, statistic: Statistic, *, level: float = 0.95) -> Figure:
        """Compute a statistic of the rows and its percentile interval; draws where it is nan are left out.

        No interval (nan) for one patient alone, or where more than a tenth of the draws are left out.
        """
        value = float(statistic(np.ones((1, self.counts.shape[1])))[0])
        if len(np.unique(self.patients)) < LEAST_PATIENTS:
            return Figure(value, float("nan"), float("nan"))
        drawn = self._values(statistic)
        known = drawn[np.isfinite(drawn)]
        if not np.isfinite(value) or len(known) < _LEAST_DEFINED * len(drawn):
            return Figure(value, float("nan"), float("nan"))
        low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
        return Figure(value, float(low), float(high))

    def _values(self, statistic: Statistic) -> Values:
        draws, rows = self.counts.shape
        step = max(1, _BLOCK // max(rows, 1))
        blocks = (self.counts[n : n + step].astype(float) for n in range(0, draws, step))
        return np.concatenate([np.empty(0), *map(statistic, blocks)])


def draw_patients(patients: Sequence[str], *, draws: int = 2000, seed: int = 0) -> PatientDraws:
    """Draw as many patients as there are, ``draws`` times; ``patients`` names that of each row."""
    names, member = np.unique(np.asarray(patients, dtype=str), return_inverse=True)
    if len(names) == 0:
        return PatientDraws(np.zeros((draws, 0), np.uint16), np.empty(0, np.intp))
    shares = np.full(len(names), 1 / len(names))
    counts = np.random.default_rng(seed).multinomial(len(names), shares, size=draws).astype(np.uint16)
    return PatientDraws(counts[:, member], member)
