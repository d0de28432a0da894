"""Intervals of a FROC, by patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .froc import RATES
from .froc_events import Events, FloatArray, first_events, froc_points, sort_events
from .judge_scan import ScanOutcome

Interval = tuple[float, float]

_MARGIN = 1.5
"""A draw seldom has so many times fewer false positives than all scans together; one that has takes all events."""


@dataclass(frozen=True)
class FrocIntervals:
    """Percentile intervals (low, high) of the sensitivity at LUNA16's seven rates, and of their mean."""

    sensitivity: tuple[Interval, ...]
    cpm: Interval


NO_INTERVALS = FrocIntervals(((float("nan"), float("nan")),) * len(RATES), (float("nan"), float("nan")))


def froc_intervals(
    outcomes: Sequence[ScanOutcome], *, draws: int = 1000, level: float = 0.95, seed: int = 0
) -> FrocIntervals:
    """Draw patients (a scan without one stands for itself) with replacement and compute each draw's curve.

    The events are sorted once; a draw only weighs them, and only those up to the highest rate where that is enough.
    Draws without a nodule say nothing; nan where all are so.
    """
    events = sort_events(outcomes)
    n_nodules = np.array([len(o.hits) for o in outcomes], dtype=np.float64)
    groups, member = np.unique([o.group for o in outcomes], return_inverse=True)
    enough = np.searchsorted(np.cumsum(~events.is_hit), _MARGIN * RATES[-1] * len(outcomes)) + 1
    parts = (first_events(events, int(enough)), events)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        weight = np.bincount(rng.integers(len(groups), size=len(groups)), minlength=len(groups))[member].astype(float)
        if (nodules := float(weight @ n_nodules)) > 0:
            found.append(_sensitivity(parts, weight, nodules))
    if not found:
        return NO_INTERVALS
    values = np.column_stack([np.array(found), np.mean(found, axis=1)])
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2], axis=0)
    pairs = tuple((float(a), float(b)) for a, b in zip(low, high, strict=True))
    return FrocIntervals(pairs[:-1], pairs[-1])


def _sensitivity(parts: Sequence[Events], weight: FloatArray, n_nodules: float) -> FloatArray:
    """Interpolate on the first part that reaches beyond the highest rate, else on the last."""
    for part in parts:
        x, y = froc_points(part, weight, n_nodules)
        if x[-1] > RATES[-1]:
            break
    return np.asarray(np.interp(RATES, x, y))
