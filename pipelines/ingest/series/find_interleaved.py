"""Two stacks that look like one of half the step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence

import numpy as np

from ..header.slice_header import SliceHeader
from .overlap import overlap
from .phase_keys import PHASE_KEYS

_FEWEST = 4  # slices of a phase; step-and-shoot scans number their acquisitions every two slices
_UNEVEN = 0.1  # of the spacing, as for a whole stack


def find_interleaved(headers: Sequence[SliceHeader], along_mm: Sequence[float]) -> str:
    """Name the first key that parts a stack into regular stacks through the same region; "" where none does.

    Two phases of 5 mm that stand 2.5 mm apart look like one stack of 2.5 mm: only such a key tells. ``along_mm`` are
    the places of the slices along the normal.
    """
    for name, key in PHASE_KEYS:
        parts: defaultdict[Hashable, list[float]] = defaultdict(list)
        for header, place in zip(headers, along_mm, strict=True):
            parts[key(header)].append(place)
        places = [sorted(part) for part in parts.values()]
        if len(parts) > 1 and all(map(_is_regular, places)) and overlap([(part[0], part[-1]) for part in places]):
            return name
    return ""


def _is_regular(places: Sequence[float]) -> bool:
    if len(places) < _FEWEST:
        return False
    gaps = np.diff(places)
    return bool(np.ptp(gaps) <= _UNEVEN * gaps.mean())
