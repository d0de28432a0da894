"""The corners of a marker."""

from __future__ import annotations

from .drawing import Dot, Point

_SIDES = {
    "square": ((-0.87, -0.87), (0.87, -0.87), (0.87, 0.87), (-0.87, 0.87)),
    "triangle": ((0.0, -1.15), (1.0, 0.75), (-1.0, 0.75)),
    "diamond": ((0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)),
}
"""In units of the radius, so that all shapes look about as heavy as the circle."""


def corners(dot: Dot) -> list[Point]:
    """Return the corners of a marker; none for a circle."""
    x, y = dot.at
    return [(x + dx * dot.radius, y + dy * dot.radius) for dx, dy in _SIDES.get(dot.shape, ())]
