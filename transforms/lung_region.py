"""Where in a scan the network has to look."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from monai.transforms.transform import MapTransform

from .canonical import Index
from .coarse_mask import box_around
from .grid import FloatArray, Grid, grid_of
from .lung_sides import LEFT, RIGHT
from .lungs import Lungs, find_lungs

# a lung with less than this part of the other one's volume is collapsed, consolidated, resected or not found
MIN_LUNG_RATIO = 0.25
# rounding of the affine must not move the box by a voxel: copies of a scan in two formats get the same box
FACE_TOLERANCE_VOXELS = 1e-3


def lung_box(lungs: Lungs, source: Grid, margin_mm: float = 10.0) -> tuple[Index, Index]:
    """Box of source voxels, (start, stop) as ``(k, j, i)``, that holds both lungs and ``margin_mm`` around them.

    The margin takes in nodules on the pleura. Where one lung is missing or small the box takes the whole body across,
    over the height of what was found; where no lungs were found, it is the box of the body.
    """
    start, stop = (np.array(corner, dtype=float) for corner in _coarse_box(lungs))
    faces = np.stack([start - 0.5, stop - 0.5])[:, ::-1]
    corners = np.stack(np.meshgrid(*faces.T, indexing="ij"), axis=-1).reshape(-1, 3)
    in_source = source.to_ijk(lungs.grid.to_lps(corners))
    margin = margin_mm / np.array(source.spacing_mm)
    size = np.array(source.shape_kji[::-1])
    first, last = in_source.min(axis=0) + 0.5 - margin, in_source.max(axis=0) + 0.5 + margin
    low = np.clip(np.floor(first + FACE_TOLERANCE_VOXELS), 0, size - 1)
    high = np.clip(np.ceil(last - FACE_TOLERANCE_VOXELS), low + 1, size)
    return _index(low[::-1]), _index(high[::-1])


def _coarse_box(lungs: Lungs) -> tuple[Index, Index]:
    if not lungs.found:
        return lungs.body_kji
    start, stop = box_around(lungs.labels > 0)
    right, left = (np.count_nonzero(lungs.labels == side) for side in (RIGHT, LEFT))
    if min(right, left) >= MIN_LUNG_RATIO * max(right, left):
        return start, stop
    body_start, body_stop = lungs.body_kji
    widest = [(min(a, b), max(c, d)) for a, b, c, d in zip(start, body_start, stop, body_stop, strict=True)]
    (low_j, high_j), (low_i, high_i) = widest[1:]
    return (start[0], low_j, low_i), (stop[0], high_j, high_i)


def _index(values: FloatArray) -> Index:
    k, j, i = (int(v) for v in values)
    return k, j, i


class LungRegiond(MapTransform):  # type: ignore[misc]  # MONAI ships no types
    """Find the lungs of HU ``(1, k, j, i)`` and the box to resample.

    Adds ``lungs`` (:class:`.Lungs`) and ``region_key``: source array indices (start, stop), each ``(k, j, i)``.
    """

    def __init__(
        self,
        keys: Hashable | Sequence[Hashable],
        margin_mm: float = 10.0,
        region_key: Hashable = "lung_box",
        allow_missing_keys: bool = False,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.margin_mm, self.region_key = margin_mm, region_key

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Return a copy of ``data`` with the lungs and their box added."""
        result = dict(data)
        for key in self.key_iterator(result):
            source = grid_of(data[key])
            lungs = find_lungs(data[key].as_tensor().cpu().numpy()[0], source)
            result |= {"lungs": lungs, self.region_key: lung_box(lungs, source, self.margin_mm)}
        return result
