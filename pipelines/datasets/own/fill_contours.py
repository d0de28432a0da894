"""Closed planar contours to voxels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from skimage.draw import polygon

from ....transforms.grid import FloatArray, Grid
from ...ingest.ingest_error import IngestError
from ...records import Index

ON_SLICE_VOXELS = 0.1
"""A contour this near to a slice stands on it: positions are decimal strings, rounded to 0.01 mm by some programs."""
_LARGEST_STEP = 0.5


@dataclass(frozen=True, eq=False)
class Filled:
    """``voxels`` (bool ``(k, j, i)``) at ``start_kji`` of the image; contours moved to a slice; slices without any."""

    start_kji: Index
    voxels: npt.NDArray[np.bool_]
    n_moved: int
    n_gaps: int


def fill_contours(contours: Sequence[FloatArray], image: Grid) -> Filled:
    """Fill closed contours ``(n, 3)`` (LPS mm), each in a plane of the image's slices.

    A voxel is inside where its centre is. Contours of one slice are put together by exclusive or, so that a contour
    within another is a hole; a keyhole (one contour that runs inward and back along one line) gives the same.

    Raises
    ------
    IngestError
        ``E_LABEL_CONTOUR`` where a contour is not parallel to the slices, leaves the image, or has fewer than
        three points, and where all of them hold the centre of no voxel.
    """
    by_slice: defaultdict[int, list[FloatArray]] = defaultdict(list)
    n_moved = 0
    for points in contours:
        if len(points) < 3:
            raise IngestError("E_LABEL_CONTOUR", f"(found {len(points)} points, expected at least 3)")
        ijk = image.to_ijk(points)
        k, moved = _slice_of(ijk[:, 2], image)
        by_slice[k].append(ijk[:, :2])
        n_moved += moved
    flat = np.concatenate([points for group in by_slice.values() for points in group])
    low = np.maximum(np.floor(flat.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(flat.max(axis=0)).astype(int) + 1, image.shape_kji[:0:-1])
    first, last = min(by_slice), max(by_slice)
    if (flat < -_LARGEST_STEP).any() or (flat > np.array(image.shape_kji[:0:-1]) - 1 + _LARGEST_STEP).any():
        raise IngestError("E_LABEL_CONTOUR", "(a contour leaves the image in plane)")
    columns, rows = (int(n) for n in high - low)
    voxels = np.zeros((last - first + 1, rows, columns), bool)
    for k, group in by_slice.items():
        for points in group:
            j, i = polygon(points[:, 1] - low[1], points[:, 0] - low[0], (rows, columns))
            voxels[k - first, j, i] ^= True
    if not voxels.any():
        raise IngestError("E_LABEL_CONTOUR", "(a structure holds the centre of no voxel)")
    return Filled((first, int(low[1]), int(low[0])), voxels, n_moved, last - first + 1 - len(by_slice))


def _slice_of(k: FloatArray, image: Grid) -> tuple[int, bool]:
    if float(np.ptp(k)) > 2 * ON_SLICE_VOXELS:
        raise IngestError("E_LABEL_CONTOUR", f"(a contour crosses {np.ptp(k):.2g} slices)")
    middle = float(k.mean())
    nearest = round(middle)
    if not 0 <= nearest < image.shape_kji[0] or abs(middle - nearest) > _LARGEST_STEP:
        raise IngestError("E_LABEL_CONTOUR", "(a contour stands above or below the image)")
    return nearest, bool(np.abs(k - nearest).max() > ON_SLICE_VOXELS)
