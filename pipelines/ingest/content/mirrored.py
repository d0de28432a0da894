"""Whether left is where the header has right."""

from __future__ import annotations

import numpy as np

from .chest import Chest
from .coarse_masks import Mask, mean_of, reached, right_surplus
from .find_base import Base

# under the lungs, (right - left) / both: soft tissue 0.11 to 0.33 in the scans at hand (liver), 0.07 in a phantom
_LIVER_LEFT = -0.05
# the same of fat, which lies around stomach and bowel: -0.38 to -0.69, -0.35 in a phantom
_FAT_RIGHT = 0.2
# a fatty liver (down to -20 HU) is liver, too
_LIVER_HU, _FAT_HU = (-20.0, 250.0), (-200.0, -40.0)
# of the lungs' height: about 40 mm below the last lung
_BELOW_SHARE = 0.15
# centre of what lies between the lungs, 0.004 to 0.049 of their width to the left (heart); disease may shift it
_HEART_LEFT = 0.012
# the heart lies where the lungs are widest
_WIDE_SHARE = 0.8


def mirrored(chest: Chest, base: Base) -> bool:
    """Ask whether the liver lies on the left, fat and bowel on the right, and the heart not clearly on the left.

    All three, so that no single disease gives a warning; organs that are mirrored in the patient (1 in 10,000) do.
    """
    belly = _under_lungs(chest, base)
    hu, inside = chest.view.hu[belly], _footprint(chest)
    liver = right_surplus((hu > _LIVER_HU[0]) & (hu < _LIVER_HU[1]) & inside, chest.left)
    fat = right_surplus((hu > _FAT_HU[0]) & (hu < _FAT_HU[1]) & inside, chest.left)
    wide = chest.relative_section >= _WIDE_SHARE
    heart = mean_of(chest.between[wide].sum(axis=(0, 1)), chest.x - chest.middle_x) / chest.width
    return liver < _LIVER_LEFT and fat > _FAT_RIGHT and heart < _HEART_LEFT


def _under_lungs(chest: Chest, base: Base) -> slice:
    """Slices of the tapering base and somewhat beyond, where liver and stomach fill the footprint."""
    tapering = np.flatnonzero(base.slices)
    beyond = round(_BELOW_SHARE * chest.height / chest.view.spacing_mm[0])
    first, stop = int(tapering[0]), int(tapering[-1]) + 1
    return slice(max(first - beyond, 0), stop) if base.low else slice(first, stop + beyond)


def _footprint(chest: Chest) -> Mask:
    """Shadow ``(j, i)`` of the lungs along the body, with what lies between them."""
    shadow = np.asarray(chest.lung.any(axis=0))
    front, back = reached(shadow, 0)
    right, left = reached(shadow, 1)
    return np.asarray(front & back & right & left)
