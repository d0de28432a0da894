"""A box of one grid in the patient and on another grid, as (low, high) corners."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .grid import FloatArray, Grid

Point = tuple[float, float, float]
Corners = tuple[Point, Point]


def box_to_lps(centre_ijk: npt.ArrayLike, size_ijk: npt.ArrayLike, grid: Grid) -> Corners:
    """Smallest box along the patient's axes (LPS mm) that holds a box of voxels (its outer faces)."""
    return _bounds(grid.to_lps(_corners(centre_ijk, size_ijk)))


def box_to_grid(centre_ijk: npt.ArrayLike, size_ijk: npt.ArrayLike, grid: Grid, other: Grid) -> Corners:
    """Smallest box in continuous voxels (i, j, k) of ``other`` that holds a box of ``grid``.

    Goes through all eight corners, so that nothing is lost on oblique and sheared grids, and not through the LPS box,
    which would grow twice.
    """
    return _bounds(other.to_ijk(grid.to_lps(_corners(centre_ijk, size_ijk))))


def _corners(centre: npt.ArrayLike, size: npt.ArrayLike) -> FloatArray:
    half = np.asarray(size, dtype=np.float64) / 2
    signs = np.array(list(np.ndindex(2, 2, 2))) * 2 - 1
    return np.asarray(centre, dtype=np.float64) + signs * half


def _bounds(points: FloatArray) -> Corners:
    return _point(points.min(axis=0)), _point(points.max(axis=0))


def _point(values: FloatArray) -> Point:
    x, y, z = (float(v) for v in values)
    return x, y, z
