"""The grid the network sees: the patient's axes, even spacing, a shape the network can halve."""

from __future__ import annotations

import numpy as np

from .canonical import Index, canonical_of, unit_columns
from .grid import FloatArray, Grid

# |cosine| between voxel axes; ingest snaps DICOM orientation to 1e-4, float32 NIfTI affines are good to 1e-6
ORTHOGONAL_TOLERANCE = 1e-4
# of one model voxel: a region that is a whole number of voxels must not get one more through rounding
EXTENT_TOLERANCE_VOXELS = 1e-3


def model_grid(source: Grid, start_kji: Index, stop_kji: Index, spacing_mm: float, divisor: int) -> Grid:
    """Lay the model grid over the source voxels ``start_kji`` (included) to ``stop_kji`` (excluded).

    Array axes are nearest to (superior +, posterior +, left +). An orthogonal source keeps its own directions
    (permuted and flipped only, so that resampling is separable); a sheared one (gantry tilt) keeps its in-plane
    directions and gets their cross product as the third. The outer face of the first voxel lies on the region's face;
    the shape is rounded up to a multiple of ``divisor`` at the end of each axis.
    """
    start, stop = np.array(start_kji), np.array(stop_kji)
    if np.any(start < 0) or np.any(stop > np.array(source.shape_kji)) or np.any(stop <= start):
        raise ValueError(f"region {start_kji} to {stop_kji} is empty or outside the source shape {source.shape_kji}")
    if spacing_mm <= 0 or divisor < 1:
        raise ValueError(f"expected spacing_mm > 0 and divisor >= 1, found {spacing_mm} and {divisor}")
    directions = _model_directions(source)
    low, extent = _extent(source, start, stop, directions)
    count = np.maximum(np.ceil(extent / spacing_mm - EXTENT_TOLERANCE_VOXELS), 1)
    padded = (np.ceil(count / divisor) * divisor).astype(int)
    affine = np.eye(4)
    affine[:3, :3] = directions * spacing_mm
    affine[:3, 3] = np.linalg.solve(directions.T, low + 0.5 * spacing_mm)
    return Grid((int(padded[2]), int(padded[1]), int(padded[0])), affine)


def _model_directions(source: Grid) -> FloatArray:
    """Find the unit columns of the model grid, nearest to +x, +y, +z."""
    columns = unit_columns(source.affine_lps)
    cosines = columns.T @ columns - np.eye(3)
    if np.abs(cosines).max() > ORTHOGONAL_TOLERANCE:
        columns = _keep_in_plane(columns)
    affine = np.eye(4)
    affine[:3, :3] = columns
    canonical = canonical_of(Grid((1, 1, 1), affine))
    return unit_columns(canonical.grid(Grid((1, 1, 1), affine)).affine_lps)


def _keep_in_plane(columns: FloatArray) -> FloatArray:
    """Orthogonal directions with the rows of the source slices kept, and the slice normal on the side of k."""
    row = columns[:, 0]
    column = columns[:, 1] - row * (row @ columns[:, 1])
    column /= np.linalg.norm(column)
    normal = np.cross(row, column)
    return np.stack([row, column, normal * np.sign(normal @ columns[:, 2])], axis=1)


def _extent(source: Grid, start: FloatArray, stop: FloatArray, directions: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lowest projection on each direction and length, mm, of the region between the outer faces of its voxels."""
    faces = np.stack([start - 0.5, stop - 0.5])[:, ::-1]
    corners = np.stack(np.meshgrid(*faces.T, indexing="ij"), axis=-1).reshape(-1, 3)
    along = source.to_lps(corners) @ directions
    low: FloatArray = along.min(axis=0)
    extent: FloatArray = along.max(axis=0) - low
    return low, extent
