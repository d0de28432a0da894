"""Whether the back is where the header has the front."""

from __future__ import annotations

import numpy as np

from .chest import Chest
from .find_base import Base

# the rim of the base lies 0.16 to 0.31 behind the middle of the lungs
_RIM_IN_FRONT = -0.1
# bone on the midline, (behind - in front of the lungs) / both: 0.34 (contrast medium in the heart) to 0.98
_BONE_IN_FRONT = -0.2
# above soft tissue and most contrast medium, below the rim of a vertebra
_BONE_HU = 250.0
# of the lungs' width on either side of the middle: a vertebra is 40 mm wide
_MIDLINE_SHARE = 0.1
# of the lungs' depth, and all that lies outside it: breast bone in front, spine behind
_OUTER_SHARE = 0.25


def back_to_front(chest: Chest, base: Base) -> bool:
    """Ask whether both the deepest lung and the spine lie in front; the couch is no proof, a patient may lie prone."""
    midline = np.abs(chest.x - chest.middle_x) < _MIDLINE_SHARE * chest.width
    bone = (chest.view.hu[:, :, midline] > _BONE_HU)[chest.seen].sum(axis=(0, 2))
    front = int(bone[chest.relative_y < _OUTER_SHARE].sum())
    back = int(bone[chest.relative_y > 1 - _OUTER_SHARE].sum())
    return base.backward < _RIM_IN_FRONT and (back - front) < _BONE_IN_FRONT * (back + front)
