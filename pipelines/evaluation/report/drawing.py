"""A picture as a list of marks, before it becomes SVG or PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Shape = Literal["circle", "square", "triangle", "diamond"]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """Open path through ``points`` (x right, y down, px); ``dash`` alternates drawn and left out lengths."""

    points: Sequence[Point]
    ink: str
    width: float = 2.0
    dash: Sequence[float] = ()


@dataclass(frozen=True, kw_only=True)
class Area:
    """Filled shape without an edge."""

    points: Sequence[Point]
    ink: str
    opacity: float = 0.18


@dataclass(frozen=True, kw_only=True)
class Dot:
    """Marker at ``at``."""

    at: Point
    ink: str
    shape: Shape = "circle"
    radius: float = 4.0
    opacity: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Words:
    """One line of text; ``at`` is on its base line. ``turned``: read from below, for the vertical axis."""

    at: Point
    text: str
    ink: str = "ink"
    anchor: Anchor = "start"
    size: float = 12.0
    bold: bool = False
    turned: bool = False


Mark = Line | Area | Dot | Words


@dataclass(frozen=True)
class Drawing:
    """``marks`` in the order of painting on ``width`` x ``height`` px; ``title`` says it to those who cannot see it."""

    width: float
    height: float
    title: str
    marks: Sequence[Mark]
