"""A series into the stacks it may hold: one size and one orientation each, then one phase each."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from ..header.slice_header import SliceHeader
from .judge_stack import SAME_POSITION_MM, stack_of
from .overlap import overlap
from .phase_keys import PHASE_KEYS

Headers = tuple[SliceHeader, ...]

SPLIT_ORIENTATION = 1e-3  # beyond it two slices are not parallel (0.06 degrees)


@dataclass(frozen=True)
class Piece:
    """A part of a series; ``label`` tells it from the others of the series, in plain values."""

    label: str
    headers: Headers


def split_by_shape(headers: Sequence[SliceHeader]) -> tuple[Piece, ...]:
    """Split by file kind, rows, columns and orientation; the piece with most slices first."""
    shapes: defaultdict[tuple[Hashable, ...], list[SliceHeader]] = defaultdict(list)
    for header in headers:
        shapes[_file_of_frames(header), header.pixels.rows, header.pixels.columns].append(header)
    pieces = [piece for shape, members in shapes.items() for piece in _split_by_orientation(str(shape), members)]
    return tuple(sorted(pieces, key=lambda piece: -len(piece.headers)))


def _split_by_orientation(label: str, headers: Sequence[SliceHeader]) -> list[Piece]:
    """Put each slice to the first one that it is parallel to; thousands of orientations cost seconds, no more."""
    orientations = np.asarray([header.orientation for header in headers], np.float64)
    firsts = np.empty_like(orientations)
    parts: list[list[SliceHeader]] = []
    for header, orientation in zip(headers, orientations, strict=True):
        near = np.abs(firsts[: len(parts)] - orientation).max(axis=1) <= SPLIT_ORIENTATION
        if near.any():
            parts[int(near.argmax())].append(header)
        else:
            firsts[len(parts)] = orientation
            parts.append([header])
    return [
        Piece(f"{label}{np.round(first, 2).tolist()}", tuple(part)) for first, part in zip(firsts, parts, strict=False)
    ]


def _file_of_frames(header: SliceHeader) -> str:
    """Tell enhanced files apart; one that was cut into several is put together by its ConcatenationUID (C.7.6.16)."""
    return (header.concatenation or header.sop_uid) if header.multi_frame else ""


def split_by_phase(piece: Piece, is_complete: Callable[[Headers], bool]) -> tuple[Piece, ...]:
    """Split a piece by the first key that gives complete stacks covering the same region; else leave it whole.

    A key that changes along the stack (acquisition number of a step-and-shoot scan) gives parts that do not overlap,
    and so never splits.
    """
    stacks = _partition(piece.headers, lambda h: h.stack)
    if len(stacks) > 1 and all(is_complete(part) for part in stacks.values()):  # they may lie anywhere
        return tuple(Piece(f"{piece.label}|stack={n}", part) for n, part in enumerate(stacks.values()))
    for name, key in PHASE_KEYS:
        parts = _partition(piece.headers, key)
        whole = len(parts) > 1 and all(is_complete(part) for part in parts.values())
        if whole and overlap([_ends(part) for part in parts.values()]):
            return tuple(Piece(f"{piece.label}|{name}={value}", part) for value, part in parts.items())
    ranks = _time_ranks(piece.headers)
    if len(ranks) > 1 and all(is_complete(part) for part in ranks):
        return tuple(Piece(f"{piece.label}|time={rank}", part) for rank, part in enumerate(ranks))
    return (piece,)


def _partition(headers: Headers, key: Callable[[SliceHeader], Hashable]) -> dict[Hashable, Headers]:
    parts: defaultdict[Hashable, list[SliceHeader]] = defaultdict(list)
    for header in headers:
        parts[key(header)].append(header)
    return {value: tuple(parts[value]) for value in sorted(parts, key=lambda value: (value is not None, str(value)))}


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
