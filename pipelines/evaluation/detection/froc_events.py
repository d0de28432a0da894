"""Hits and false positives in one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .judge_scan import ScanOutcome

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Events:
    """Hits and false positives of all scans by falling probability; ``ends`` are the last ones of equal probability."""

    probability: FloatArray
    scan: npt.NDArray[np.intp]
    is_hit: npt.NDArray[np.bool_]
    ends: npt.NDArray[np.intp]


def sort_events(outcomes: Sequence[ScanOutcome]) -> Events:
    """Put hits and false positives in one order."""
    per_scan = [([p for p in o.hits if p is not None], o.false_positives) for o in outcomes]
    probability = np.array([p for hits, others in per_scan for p in (*hits, *others)], dtype=np.float64)
    is_hit = np.array([hit for a, b in per_scan for hit in (*[True] * len(a), *[False] * len(b))], dtype=bool)
    scan = np.repeat(np.arange(len(outcomes)), [len(a) + len(b) for a, b in per_scan])
    order = np.argsort(-probability, kind="stable")
    ordered = probability[order]
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)[: len(ordered)])
    return Events(ordered, scan[order], is_hit[order], ends)


def froc_points(events: Events, weight: FloatArray, n_nodules: float) -> tuple[FloatArray, FloatArray]:
    """Return false positives per scan and sensitivity at each end, from (0, 0).

    ``weight`` says how often each scan counts; ``n_nodules`` is so weighed.
    """
    each = weight[events.scan]
    every, true = (np.append(0.0, np.cumsum(w)[events.ends]) for w in (each, each * events.is_hit))
    return (every - true) / weight.sum(), true / n_nodules if n_nodules else np.full(len(true), np.nan)


def first_events(events: Events, n: int) -> Events:
    """Return the ``n`` most probable ones, without the last of them that share their probability with the next."""
    ends = events.ends[events.ends < n]
    kept = slice(0, int(ends[-1]) + 1 if len(ends) else 0)
    return Events(events.probability[kept], events.scan[kept], events.is_hit[kept], ends)
