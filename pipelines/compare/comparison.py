"""What is said of two scans of one patient."""

from __future__ import annotations

from dataclasses import dataclass

from ..records import Index, Point, Status
from .growth import Growth
from .judge_alignment import Alignment
from .match_nodules import Pair
from .read_result import MeasuredNodule, Result


@dataclass(frozen=True)
class FollowedPair:
    """A nodule in both scans, and how it changed."""

    pair: Pair
    growth: Growth


@dataclass(frozen=True)
class SinglePlace:
    """A nodule of one scan, and where the same place is in the other one.

    ``shown`` is false where that place lies outside the other scan: there it may be as well.
    """

    nodule: MeasuredNodule
    place_lps_mm: Point
    place_ijk: Point
    shown: bool


@dataclass(frozen=True, eq=False)
class Comparison:
    """``rejected`` where the scans could not be laid on each other: then nothing is matched, and ``reason`` says why.

    ``interval_days`` is None where it is not known. ``before_shape_ijk`` and ``after_shape_ijk`` are of the scans.
    """

    status: Status
    codes: tuple[str, ...]
    reason: str
    interval_days: int | None
    before: Result
    after: Result
    before_shape_ijk: Index
    after_shape_ijk: Index
    alignment: Alignment | None
    pairs: tuple[FollowedPair, ...] = ()
    vanished: tuple[SinglePlace, ...] = ()
    new: tuple[SinglePlace, ...] = ()
