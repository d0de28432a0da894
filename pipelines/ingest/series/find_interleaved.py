"""Two stacks that look like one of half the step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from ..header.slice_header import SliceHeader
from .overlap import overlap
from .phase_keys import PHASE_KEYS

_FEWEST = 4  # slices of a phase; step-and-shoot scans number their acquisitions every two slices
_APART = 1.5  # steps of the whole: nearer slices of one part are neighbours, and those of a phase never are


def find_interleaved(headers: Sequence[SliceHeader], along_mm: Sequence[float]) -> str:
    """Name the first key that parts a stack into stacks that take turns in one region; "" where none does.

    Two phases of 5 mm that stand 2.5 mm apart look like one stack of 2.5 mm: only such a key tells, or that
    InstanceNumber runs through the region twice. ``along_mm`` are the places of the slices along the normal,
    ascending; some may be missing.
    """
    nearest = _APART * float(np.diff(along_mm).min())
    for name, values in _keys(headers):
        parts: defaultdict[Hashable, list[float]] = defaultdict(list)
        for value, place in zip(values, along_mm, strict=True):
            parts[value].append(place)
        places = list(parts.values())
        apart = all(len(part) >= _FEWEST and np.diff(part).min() > nearest for part in places)
        if len(places) > 1 and apart and overlap([(part[0], part[-1]) for part in places]):
            return name
    return ""


def _keys(headers: Sequence[SliceHeader]) -> Iterator[tuple[str, Sequence[Hashable]]]:
    for name, key in PHASE_KEYS:
        yield name, [key(header) for header in headers]
    numbers = [header.instance for header in headers]
    if len({*numbers} - {None}) == len(headers):
        yield "the order of InstanceNumber", _runs([number or 0 for number in numbers])


def _runs(numbers: Sequence[int]) -> Sequence[int]:
    """Give for each slice the number of the run through the stack, in one direction, that it belongs to."""
    order = np.argsort(numbers)
    forward = np.diff(order) > 0
    turns = ~forward if 2 * forward.sum() >= len(forward) else forward
    runs = np.zeros(len(numbers), np.int64)
    runs[order[1:]] = np.cumsum(turns)
    return [int(run) for run in runs]
