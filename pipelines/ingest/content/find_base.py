"""The end of the lungs over the diaphragm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .chest import Chest
from .coarse_masks import Mask, mean_of

# sections between these shares of the largest are the tapering ends
_END_SHARES = (0.05, 0.5)
# fewer samples have no shape: 20 of them are 2.5 ml
_LEAST_SAMPLES = 20
# spread at the base 2.1 to 3.4 (a rim around the diaphragm), at the apex 1.0 to 1.3 (a disc): measured
_LEAST_AT_BASE, _MOST_AT_APEX = 1.8, 1.55
# the rim lies 0.18 to 0.32 of the lungs' depth behind their middle, the apex within 0.08 of it: measured
_MORE_OFF_CENTRE = 0.05


@dataclass(frozen=True, eq=False)
class Base:
    """The end of the lungs over the diaphragm.

    ``low`` says whether it is the lower end by the header; ``slices`` are those of the tapering lung, ``backward`` is
    how far behind the middle of the lungs it lies there, as a share of their depth.
    """

    low: bool
    slices: Mask
    backward: float


def find_base(chest: Chest) -> Base | None:
    """Find the base by its shape: a rim around the dome of the diaphragm, mostly at the back; the apex is a disc.

    None where an end is cut off, or the two differ too little to tell.
    """
    low, high = (_end(chest, below) for below in (True, False))
    if low is None or high is None:
        return None
    base, apex = (low, high) if low[0] > high[0] else (high, low)
    if base[0] < _LEAST_AT_BASE or apex[0] > _MOST_AT_APEX:
        return None
    if abs(base[1].backward) < abs(apex[1].backward) + _MORE_OFF_CENTRE:
        return None
    return base[1]


def _end(chest: Chest, below: bool) -> tuple[float, Base] | None:
    """Spread of the tapering lung at one end, and that end as a base; None where the end is not seen."""
    section = chest.relative_section
    order = np.arange(len(section))
    largest = int(section.argmax())
    tapering = (section > _END_SHARES[0]) & (section < _END_SHARES[1])
    slices = np.asarray(tapering & ((order < largest) if below else (order > largest)))
    if chest.lung[slices].sum() < _LEAST_SAMPLES:
        return None
    backward = mean_of(chest.lung[slices].sum(axis=(0, 2)), chest.relative_y) - 0.5
    return _spread(chest, slices), Base(below, slices, backward)


def _spread(chest: Chest, slices: Mask) -> float:
    """Mean square distance of the lung in these slices from the axis of its own lung; 2 for the lung as a whole."""
    total, count = 0.0, 0
    for side in (chest.left, ~chest.left):
        whole, here = chest.lung[:, :, side].sum(axis=0), chest.lung[slices][:, :, side].sum(axis=0)
        for along, places in ((0, chest.x[side]), (1, chest.y)):
            weights = whole.sum(axis=along)
            centre = mean_of(weights, places)
            variance = mean_of(weights, (places - centre) ** 2)
            total += float((here.sum(axis=along) * (places - centre) ** 2).sum()) / max(variance, 1e-6)
        count += int(here.sum())
    return total / max(count, 1)
