"""What one object outlines on its scan."""

from __future__ import annotations

from dataclasses import dataclass

from ..data_list import Point
from .outline import Outline


@dataclass(frozen=True, eq=False)
class Drawn:
    """Outlines, points (LPS mm), codes of what was odd, and how many structures were left out by their names."""

    outlines: tuple[Outline, ...]
    points: tuple[Point, ...] = ()
    checks: tuple[str, ...] = ()
    left_out: int = 0
