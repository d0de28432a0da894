"""Whether the feet are where the header has the head."""

from __future__ import annotations

from .chest import Chest
from .coarse_masks import mean_of
from .find_base import Base

# what lies between the lungs has its centre 0.09 to 0.14 of their height below their middle (scans at hand), and 0 in
# the phantoms
_HEART_LOW = -0.05


def feet_up(chest: Chest, base: Base) -> bool:
    """Ask whether the base of the lungs is at their upper end, with the heart not lying low."""
    middle = float(chest.z[chest.seen].mean())
    heart = (mean_of(chest.between.sum(axis=(1, 2)), chest.z) - middle) / chest.height
    return not base.low and heart > _HEART_LOW
