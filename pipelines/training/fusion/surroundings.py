"""A patch of a nodule, continued on all sides, as a volume to cut planes from."""

from __future__ import annotations

import numpy as np

from ....transforms.grid import Grid
from ..lidc_nodules import LidcRecord
from ..nodule import F32
from ..slab import beyond

_MIRRORED_MM = 14.0
"""In-plane the patch goes on as its mirror image: a repeated border would show where a patch ends, and so that a place
is none in its middle, where nodules are."""


def surroundings(record: LidcRecord, slices: tuple[int, int] | None = None) -> tuple[F32, Grid]:
    """Return HU ``(k, j, i)`` of the patch (or of these slices, first and behind-last) and the grid it lies on.

    Above and below stands a made slice (:func:`.beyond`), which whoever samples further must let go on. The grid is in
    mm from the middle of the patch's first voxel, along the axes of its voxels (see :func:`place_mm`): towards left,
    back and head in the scans of patients on their back; one of a prone patient is seen half a turn round.
    """
    low, high = (0, record.hu.shape[0]) if slices is None else slices
    x, y, z = record.spacing_mm
    ends = (beyond(end, x)[None] for end in (record.hu[low], record.hu[high - 1]))
    below, above = ends
    rows, columns = round(_MIRRORED_MM / y), round(_MIRRORED_MM / x)
    hu = np.concatenate([below, record.hu[low:high], above], dtype=np.float32)
    hu = np.pad(hu, ((0, 0), (rows, rows), (columns, columns)), mode="reflect")
    affine = np.diag([x, y, z, 1.0])
    affine[:3, 3] = (-columns * x, -rows * y, (low - 1) * z)
    return hu, Grid((hu.shape[0], hu.shape[1], hu.shape[2]), affine)
