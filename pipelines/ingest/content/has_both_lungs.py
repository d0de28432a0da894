"""Whether both lungs are there, uncut in the plane, on both sides of the body's middle."""

from __future__ import annotations

from .chest import Chest
from .coarse_masks import mean_of

# the smaller lung holds 0.43 of the volume and more in the scans at hand; half of one may be lost
_LEAST_SIDE = 0.25
# the middle of the lungs lies within 0.02 of their width of that of the body
_MOST_OFF_MIDDLE = 0.06
# lungs that are cut show a flat face along the border
_MOST_AT_BORDER = 0.01


def has_both_lungs(chest: Chest) -> bool:
    """Ask whether widths and sides can be measured: they mean nothing on one lung or on a cut one."""
    lung = chest.lung
    share = lung[:, :, chest.left].sum() / lung.sum()
    off = mean_of(chest.enclosed[chest.seen].sum(axis=(0, 1)), chest.x - chest.middle_x)
    at_border = sum(int(face.sum()) for face in (lung[:, 0], lung[:, -1], lung[:, :, 0], lung[:, :, -1]))
    both = _LEAST_SIDE < share < 1 - _LEAST_SIDE and abs(off) < _MOST_OFF_MIDDLE * chest.width
    return bool(both and at_border <= _MOST_AT_BORDER * lung.sum())
