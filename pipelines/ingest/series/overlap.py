"""Whether stacks run through the same region."""

from __future__ import annotations

from collections.abc import Sequence


def overlap(extents: Sequence[tuple[float, float]]) -> bool:
    """Whether all the extents (low, high) share more than half of the shortest one."""
    low, high = max(extent[0] for extent in extents), min(extent[1] for extent in extents)
    return high - low > min(extent[1] - extent[0] for extent in extents) / 2
