"""How finely a close look sees a nodule."""

from __future__ import annotations

ROOM_MM = 10.0
"""Surroundings that a close look shows beside the nodule's box, both sides together."""


def close_spacing(longest_mm: float, *, least_mm: float, edge: int) -> float:
    """Return the spacing (mm) at which ``edge`` voxels hold a box of ``longest_mm`` with its surroundings.

    It is ``least_mm`` for small nodules: those are seen at their own size.
    """
    return max(least_mm, (longest_mm + ROOM_MM) / edge)
