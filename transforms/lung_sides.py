"""Tell the right lung from the left."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from .grid import Grid

RIGHT, LEFT = 1, 2

# shares of air in a 25 mm cube that are tried until the cores of the two lungs are apart
_CORE_SHARES = (0.7, 0.85, 0.95)
_CUBE_MM = 25.0
# a core with less than this of the other one's volume is not the other lung
_MIN_SHARE = 0.1
# how far from its core a voxel is asked for the nearer core
_REACH_MM = 60.0


def split_sides(lung: npt.NDArray[np.bool_], grid: Grid) -> npt.NDArray[np.uint8]:
    """Label a lung mask ``(k, j, i)`` on canonical axes: 1 the patient's right lung, 2 the left.

    Where the lungs are apart after erosion, each voxel goes to the nearer core; where they are not, the plane where
    the lungs are thinnest near the middle divides them. Patient's left is +x of LPS, the end of the last axis.
    """
    plane = _thinnest_plane(lung)
    by_plane = np.arange(lung.shape[2]) >= plane
    share = ndimage.uniform_filter(lung.astype(np.float32), _width(grid, _CUBE_MM), mode="nearest")
    for least in _CORE_SHARES:
        cores = _two_cores(share > least, plane)
        if cores is not None:
            right, left = (_nearness(core, grid) for core in cores)
            on_left = np.where(right == left, by_plane, left > right)
            return np.asarray(np.where(lung, np.where(on_left, LEFT, RIGHT), 0), dtype=np.uint8)
    return np.asarray(np.where(lung, np.where(by_plane, LEFT, RIGHT), 0), dtype=np.uint8)


def _width(grid: Grid, width_mm: float) -> tuple[int, int, int]:
    i, j, k = (2 * round(width_mm / 2 / mm) + 1 for mm in grid.spacing_mm)
    return k, j, i
