"""A series into the stacks it may hold: one size and one orientation each, then one phase each."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from .judge_stack import SAME_POSITION_MM, stack_of
from .slice_header import SliceHeader

Headers = tuple[SliceHeader, ...]

SPLIT_ORIENTATION = 1e-3  # beyond it two slices are not parallel (0.06 degrees)


@dataclass(frozen=True)
class Piece:
    """A part of a series; ``label`` tells it from the others of the series, in plain values."""

    label: str
    headers: Headers


def split_by_shape(headers: Sequence[SliceHeader]) -> tuple[Piece, ...]:
    """Split by file kind, rows, columns and orientation; the piece with most slices first."""
    parts: list[tuple[tuple[Hashable, ...], np.ndarray, list[SliceHeader]]] = []
    for header in headers:
        shape = (header.sop_uid if header.multi_frame else "", header.pixels.rows, header.pixels.columns)
        orientation = np.asarray(header.orientation)
        for other_shape, other, members in parts:
            if shape == other_shape and np.abs(orientation - other).max() <= SPLIT_ORIENTATION:
                members.append(header)
                break
        else:
            parts.append((shape, orientation, [header]))
    parts.sort(key=lambda part: -len(part[2]))
    return tuple(
        Piece(f"{shape}{np.round(orientation, 2).tolist()}", tuple(members)) for shape, orientation, members in parts
    )


def split_by_phase(piece: Piece, is_complete: Callable[[Headers], bool]) -> tuple[Piece, ...]:
    """Split a piece by the first key that gives complete stacks covering the same region; else leave it whole.

    A key that changes along the stack (acquisition number of a step-and-shoot scan) gives parts that do not overlap,
    and so never splits.
    """
    for name, key in _PHASE_KEYS:
        parts = _partition(piece.headers, key)
        if len(parts) > 1 and all(is_complete(part) for part in parts.values()) and _overlap(tuple(parts.values())):
            return tuple(Piece(f"{piece.label}|{name}={value}", part) for value, part in parts.items())
    ranks = _time_ranks(piece.headers)
    if len(ranks) > 1 and all(is_complete(part) for part in ranks):
        return tuple(Piece(f"{piece.label}|time={rank}", part) for rank, part in enumerate(ranks))
    return (piece,)


_PHASE_KEYS: tuple[tuple[str, Callable[[SliceHeader], Hashable]], ...] = (
    ("acquisition", lambda h: h.acquisition),
    ("temporal", lambda h: h.temporal),
    ("kernel", lambda h: h.kernel),
    ("image_type", lambda h: h.image_type),
)


def _partition(headers: Headers, key: Callable[[SliceHeader], Hashable]) -> dict[Hashable, Headers]:
    parts: defaultdict[Hashable, list[SliceHeader]] = defaultdict(list)
    for header in headers:
        parts[key(header)].append(header)
    return {value: tuple(parts[value]) for value in sorted(parts, key=lambda value: (value is not None, str(value)))}


def _overlap(parts: Sequence[Headers]) -> bool:
    """Whether every two neighbouring parts share more than half of the shorter one's extent."""
    normal_ends = [_ends(part) for part in parts]
    low, high = max(end[0] for end in normal_ends), min(end[1] for end in normal_ends)
    return high - low > min(end[1] - end[0] for end in normal_ends) / 2


def _ends(part: Headers) -> tuple[float, float]:
    along = stack_of(part).along_mm
    return float(along[0]), float(along[-1])


def _time_ranks(headers: Headers) -> tuple[Headers, ...]:
    """Split slices at doubled positions into earlier and later ones, where the times of the two never overlap."""
    if any(header.time is None for header in headers) or len(headers) < 2:
        return ()
    stack = stack_of(headers)
    places = np.concatenate([[0], np.cumsum(np.diff(stack.along_mm) >= SAME_POSITION_MM)])
    counts = np.bincount(places)
    if counts.min() != counts.max() or counts.min() < 2:
        return ()
    ordered = sorted(zip(places, stack.order, strict=True), key=lambda pair: (pair[0], headers[pair[1]].time or 0.0))
    ranks = tuple(tuple(headers[n] for _, n in ordered[rank :: counts[0]]) for rank in range(counts[0]))
    times = [[header.time or 0.0 for header in rank] for rank in ranks]
    apart = all(max(early) < min(late) for early, late in itertools.pairwise(times))
    return ranks if apart else ()
