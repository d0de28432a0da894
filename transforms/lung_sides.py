"""Tell the right lung from the left."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from .coarse_mask import Mask, local_share
from .grid import Grid

RIGHT, LEFT = 1, 2

# the lungs touch in thin places (junction lines); in a cube this wide such a place holds less lung than a core does
_CUBE_MM = 25.0
# shares of lung in the cube, tried until the cores of the two lungs are apart
_CORE_SHARES = (0.7, 0.85, 0.95)
# a core with less than this part of the other one's volume is not the other lung
_MIN_CORE_RATIO = 0.1
# one lung may bulge over the middle (herniation, scoliosis) by less than this part of it
_MIN_SIDE_SHARE = 0.25


def split_sides(lung: Mask, grid: Grid, middle: float) -> npt.NDArray[np.uint8]:
    """Label every voxel of a lung mask ``(k, j, i)`` on canonical axes: 1 the patient's right, 2 the left.

    Where two lungs come apart by erosion, a voxel belongs to the nearer core. Otherwise the mask is one lung if it
    lies on one side of ``middle`` (column of the body's middle), or two, divided by the sagittal plane in which it is
    thinnest near its own middle. The last axis runs to the patient's left (+x of LPS).
    """
    share = local_share(lung, grid, _CUBE_MM)
    for least in _CORE_SHARES:
        cores = _two_cores(share > least)
        if cores.any():
            nearest = ndimage.distance_transform_cdt(cores == 0, return_distances=False, return_indices=True)
            return np.where(lung, cores[tuple(nearest)], 0).astype(np.uint8)
    on_left = np.arange(lung.shape[2]) >= _dividing_plane(lung, middle)
    return np.where(lung, np.where(on_left, LEFT, RIGHT), 0).astype(np.uint8)


def _two_cores(core: Mask) -> npt.NDArray[np.uint8]:
    """Label the cores of the two lungs, or nothing where they are not two, each with its middle beside the other."""
    labels, count = ndimage.label(core)
    sizes = np.bincount(labels.ravel())
    sides = np.zeros(count + 1, np.uint8)
    if count >= 2:
        second, first = np.argsort(sizes[1:])[-2:] + 1
        right, left = sorted(((_columns(labels == n), n) for n in (first, second)), key=lambda pair: pair[0].mean())
        beside = right[0].mean() < left[0][0] and left[0].mean() > right[0][-1]
        if beside and sizes[second] >= _MIN_CORE_RATIO * sizes[first]:
            sides[right[1]], sides[left[1]] = RIGHT, LEFT
    return np.asarray(sides[labels])


def _columns(mask: Mask) -> npt.NDArray[np.intp]:
    """Return the indices along the last axis where the mask holds anything."""
    return np.flatnonzero(mask.any(axis=(0, 1)))


def _dividing_plane(lung: Mask, middle: float) -> int:
    """First column of the left lung: all, none, or from the thinnest place in the middle third on."""
    profile = lung.sum(axis=(0, 1))
    columns = np.flatnonzero(profile)
    share_on_left = profile[max(round(middle), 0) :].sum() / max(profile.sum(), 1)
    if not _MIN_SIDE_SHARE <= share_on_left <= 1 - _MIN_SIDE_SHARE:
        return 0 if share_on_left > 0.5 else len(profile)
    low, high = int(columns[0]), int(columns[-1]) + 1
    third = (high - low) // 3
    return low + third + int(profile[low + third : high - third].argmin())
