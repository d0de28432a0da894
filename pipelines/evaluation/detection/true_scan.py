"""What is known of one scan."""

from __future__ import annotations

from dataclasses import dataclass

from ...records import Point


@dataclass(frozen=True)
class Place:
    """A nodule, or a finding that is excluded; LPS mm. Without ``size_mm`` its box is a cube of its diameter."""

    centre_lps_mm: Point
    diameter_mm: float
    size_mm: Point | None = None


@dataclass(frozen=True)
class TrueScan:
    """One scan with its nodules.

    excluded : what counts neither as a hit nor as a false positive.
    group : scans of one patient share it (intervals are drawn by it).
    complete : every nodule is annotated; else a candidate elsewhere may be right, and is no false positive.
    """

    case: str
    nodules: tuple[Place, ...] = ()
    excluded: tuple[Place, ...] = ()
    group: str = ""
    complete: bool = True
