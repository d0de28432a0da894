"""What a detector says of one place."""

from __future__ import annotations

from dataclasses import dataclass

from ...records import Point


@dataclass(frozen=True)
class Detection:
    """One candidate.

    case : the scan, by the name that the truth gives it.
    centre_lps_mm : x, y, z; LPS mm.
    size_mm : edges of its box along x, y, z; None if only a point was said.
    probability : any finite score, higher is surer; only its order counts.
    """

    case: str
    centre_lps_mm: Point
    size_mm: Point | None
    probability: float
