"""Put a candidate's outline back onto the grid of the scan."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .candidate_masks import OUTLINE, CandidateMask
from .grid import Grid
from .resample import resample

# of the probability: a value of exactly 0.5 stays inside after interpolation in float32
_ROUNDING = 1e-5


def mask_to_source(
    mask: CandidateMask, model: Grid, source: Grid
) -> tuple[tuple[int, int, int], npt.NDArray[np.bool_]]:
    """Source voxels whose centre lies within the outline, as (start, voxels), both ``(k, j, i)``.

    The probability is interpolated linearly at every source voxel near the candidate, whatever the two grids'
    orientation or shear. At least the voxel nearest to the centroid (within the scan) belongs to it. ``voxels`` is as
    small as it can be.
    """
    block = mask.grid(model)
    start, shape = _reach(block, source)
    near = source.crop(start, shape)
    inside = resample(mask.probability, block, near, fill=0.0) >= OUTLINE - _ROUNDING
    inside[_centroid_voxel(mask, block, near)] |= not inside.any()
    found = np.argwhere(inside)
    low, high = found.min(axis=0), found.max(axis=0) + 1
    k, j, i = (int(first + offset) for first, offset in zip(start, low, strict=True))
    return (k, j, i), inside[low[0] : high[0], low[1] : high[1], low[2] : high[2]].copy()


def _reach(block: Grid, source: Grid) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Start and shape of the source voxels in the block and next to it, at least one."""
    size = np.array(source.shape_kji)
    last = np.array(block.shape_kji[::-1]) - 1
    corners = source.to_ijk(block.to_lps(np.array(list(np.ndindex(2, 2, 2))) * last))[:, ::-1]
    start = np.clip(np.floor(corners.min(axis=0)), 0, size - 1).astype(int)
    stop = np.clip(np.ceil(corners.max(axis=0)) + 1, start + 1, size).astype(int)
    k, j, i = start.tolist()
    d, h, w = (stop - start).tolist()
    return (k, j, i), (d, h, w)


def _centroid_voxel(mask: CandidateMask, block: Grid, near: Grid) -> tuple[int, ...]:
    centroid_kji = np.argwhere(mask.probability >= OUTLINE).mean(axis=0)
    voxel = near.to_ijk(block.to_lps(centroid_kji[::-1]))[0, ::-1]
    return tuple(np.clip(np.floor(voxel + 0.5), 0, np.array(near.shape_kji) - 1).astype(int))
