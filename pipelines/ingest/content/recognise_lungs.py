"""Whether there are lungs in the field of view."""

from __future__ import annotations

import numpy as np

from .chest import Chest
from .coarse_view import CoarseView

# the two lungs of a small child measure about 50 cm2 in their largest section
_LEAST_SECTION_MM2 = 2_000.0
# sinuses, nose and throat hold up to 150 ml, in at most an eighth of the head's section; adult lungs 3 to 7 litres
_LEAST_ML, _LEAST_SHARE = 250.0, 0.2
_MM3_PER_ML = 1_000.0
# gas has -1000 HU throughout; even with one lung collapsed in gas, or with emphysema, a quarter is denser than this
_DENSER_PERCENT, _GAS_HU = 75, -950.0
# a view into the lung alone has no tissue around it, and this share of its voxels between -950 and -600 HU
_PLAIN_LUNG_HU, _PLAIN_SHARE = (-950.0, -600.0), 0.2


def recognise_lungs(chest: Chest | None) -> bool:
    """Ask whether the air spaces of a chest can be lungs: by section, by volume or share of the body, by density."""
    if chest is None or chest.lung_hu(_DENSER_PERCENT) < _GAS_HU:
        return False
    millilitres = chest.section_mm2.sum() * chest.view.spacing_mm[0] / _MM3_PER_ML
    wide = chest.section_mm2.max() >= _LEAST_SECTION_MM2
    return bool(wide and (millilitres >= _LEAST_ML or chest.body_share >= _LEAST_SHARE))


def without_lungs(view: CoarseView, chest: Chest | None) -> bool:
    """Ask whether no lung is in the view, a piece of lung without a body around it included."""
    low, high = _PLAIN_LUNG_HU
    return not recognise_lungs(chest) and bool(np.mean((view.hu > low) & (view.hu < high)) < _PLAIN_SHARE)
