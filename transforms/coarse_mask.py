"""Filters for masks ``(k, j, i)`` on a coarse grid, with widths in mm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from .grid import Grid

Mask = npt.NDArray[np.bool_]
Index = tuple[int, int, int]

# blocks of two voxels are made where a voxel is smaller than this
_FINE_MM = 4.0


def local_share(values: npt.NDArray[Any], grid: Grid, width_mm: float) -> npt.NDArray[np.float32]:
    """Mean over a cube of about ``width_mm`` around each voxel (for a mask: its share of the cube)."""
    mean: npt.NDArray[np.float32] = ndimage.uniform_filter(
        values.astype(np.float32, copy=False), _width(grid, width_mm), mode="nearest"
    )
    return mean


def grown(mask: Mask, grid: Grid, margin_mm: float) -> Mask:
    """Every voxel within about ``margin_mm`` of the mask, along each axis."""
    return np.asarray(ndimage.maximum_filter(mask.view(np.uint8), _width(grid, 2 * margin_mm)) > 0)


def reaching_border(mask: Mask) -> Mask:
    """Return the parts of the mask that reach the border of their axial slice."""
    in_plane = np.zeros((3, 3, 3), bool)
    in_plane[1] = ndimage.generate_binary_structure(2, 1)
    labels, count = ndimage.label(mask, in_plane)
    reaches = np.zeros(count + 1, bool)
    for face in (labels[:, 0], labels[:, -1], labels[:, :, 0], labels[:, :, -1]):
        reaches[face] = True
    reaches[0] = False
    return np.asarray(reaches[labels])


def largest_part(mask: Mask) -> Mask:
    """Return the largest connected part of the mask (none of an empty one)."""
    labels, _ = ndimage.label(mask)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return np.asarray((labels == sizes.argmax()) & mask)


def box_around(mask: Mask) -> tuple[Index, Index]:
    """Box (start, stop) around a mask; the whole array where it is empty."""
    found = ndimage.find_objects(mask.view(np.uint8))
    k, j, i = found[0] if found else tuple(slice(0, n) for n in mask.shape)
    return (k.start, j.start, i.start), (k.stop, j.stop, i.stop)


def _width(grid: Grid, width_mm: float) -> tuple[int, int, int]:
    """Odd filter widths (k, j, i) that span about ``width_mm``."""
    i, j, k = (2 * round(width_mm / 2 / mm) + 1 for mm in grid.spacing_mm)
    return k, j, i


@dataclass(frozen=True, eq=False)
class Blocks:
    """Blocks of two voxels along each fine axis, for questions without detail (an eighth of the work)."""

    voxels: Grid

    @property
    def steps_kji(self) -> Index:
        """Voxels per block along (k, j, i)."""
        i, j, k = (2 if mm < _FINE_MM else 1 for mm in self.voxels.spacing_mm)
        return k, j, i

    @property
    def grid(self) -> Grid:
        """Grid of the blocks; its origin is that of their first voxels."""
        k, j, i = (-(-size // step) for size, step in zip(self.voxels.shape_kji, self.steps_kji, strict=True))
        return Grid((k, j, i), self.voxels.affine_lps @ np.diag([*self.steps_kji[::-1], 1.0]))

    def mean(self, values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Mean of each block; an odd last slice, row or column counts twice."""
        sizes = zip(self.voxels.shape_kji, self.steps_kji, strict=True)
        padded = np.pad(values, [(0, -size % step) for size, step in sizes], mode="edge")
        total = np.zeros(self.grid.shape_kji, np.float32)
        for start in np.ndindex(*self.steps_kji):
            total += padded[tuple(slice(s, None, step) for s, step in zip(start, self.steps_kji, strict=True))]
        return total / np.float32(np.prod(self.steps_kji))

    def spread(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Give every voxel the value of its block."""
        for axis, step in enumerate(self.steps_kji):
            values = values.repeat(step, axis=axis) if step > 1 else values
        k, j, i = self.voxels.shape_kji
        return values[:k, :j, :i]
