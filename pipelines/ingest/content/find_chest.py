"""The air spaces of a coarse view that may be lungs."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .chest import SEEN_SHARE, Chest
from .coarse_masks import Mask, large_parts, limits, reached
from .coarse_view import CoarseView

# between lung (-950 to -600 HU) and fat (-120 HU), far enough from both for noisy single voxels
TISSUE_HU = -400.0
# share of a 15 mm square: the chest wall of a child (10 mm) fills it, a couch top or blanket (one voxel) does not
_THICK_SHARE = 0.6
# of the four sides front, back, left, right: lung cut by the field of view lacks one, the gap of arm and trunk two
_ENCLOSED_SIDES = 3
# of the largest air space: a small lung beside a large one stays, trachea and bowel gas go
_PART = 0.1


def find_chest(view: CoarseView) -> Chest | None:
    """Find the large air spaces with thick tissue around them; None where there is none.

    Whether they are lungs is for :func:`.recognise_lungs`: here no size and no density of air is asked for.
    """
    tissue: Mask = view.hu >= TISSUE_HU
    enclosed = _enclosed(tissue)
    lung = large_parts(enclosed & ~tissue, _PART)
    if not lung.any():
        return None
    k, j, i = view.spacing_mm
    section = lung.sum(axis=(1, 2)) * (j * i)
    z, y, x = (np.arange(size) * mm for size, mm in zip(lung.shape, view.spacing_mm, strict=True))
    seen = np.flatnonzero(section > SEEN_SHARE * section.max())
    front, back = limits(lung.sum(axis=(0, 2)), y)
    right, left = limits(lung.sum(axis=(0, 1)), x)
    return Chest(
        view=view,
        lung=lung,
        tissue=tissue,
        enclosed=enclosed,
        section_mm2=section,
        x=x,
        y=y,
        z=z,
        height=float((seen[-1] - seen[0] + 1) * k),
        depth=back - front + j,
        width=left - right + i,
        front=front,
        middle_x=(left + right) / 2,
    )


def _enclosed(tissue: Mask) -> Mask:
    thick: Mask = ndimage.uniform_filter(tissue.astype(np.float32), (1, 3, 3)) > _THICK_SHARE
    sides = np.zeros(tissue.shape, np.uint8)
    for axis in (1, 2):
        for mask in reached(thick, axis):
            sides += mask
    return np.asarray(sides >= _ENCLOSED_SIDES)
