"""Boxes as the network says them, and as voxels.

A box has a centre and a size (edge lengths) in voxels of one grid; voxel centres are integers, so that the box of one
voxel at 5 has centre 5, size 1, and reaches from 4.5 to 5.5. The network speaks ``(k, j, i)`` per cell of a map at
stride 4; everything after decoding is ``(i, j, k)``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .grid import FloatArray

STRIDE = 4
# a cell stands for voxels 4c to 4c + 3
CELL_CENTRE = (STRIDE - 1) / 2
# sizes are said relative to this, the median nodule of LUNA16 at 1 mm being 6.8
SIZE_UNIT_VOXELS = 8.0


def encode_boxes(centre_ijk: npt.ArrayLike, size_ijk: npt.ArrayLike, cells_kji: npt.ArrayLike) -> FloatArray:
    """Say boxes ``(n, 3)`` at cells ``(n, 3)`` as the box head does.

    Returns ``(n, 6)``: offset of the centre from the cell's centre (k, j, i; voxels), then log(size / 8) (k, j, i).
    """
    centre, size, cells = _points(centre_ijk), _points(size_ijk), _points(cells_kji)
    offset = centre[:, ::-1] - (cells * STRIDE + CELL_CENTRE)
    return np.concatenate([offset, np.log(size[:, ::-1] / SIZE_UNIT_VOXELS)], axis=1)


def decode_boxes(said: npt.ArrayLike, cells_kji: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Centres and sizes ``(n, 3)`` as (i, j, k) of what the box head said, ``(n, 6)``, at cells ``(n, 3)``."""
    values = np.asarray(said, dtype=np.float64).reshape(-1, 6)
    centre = values[:, :3] + _points(cells_kji) * STRIDE + CELL_CENTRE
    return centre[:, ::-1], SIZE_UNIT_VOXELS * np.exp(values[:, :2:-1])


def box_iou(centre: FloatArray, size: FloatArray, centres: FloatArray, sizes: FloatArray) -> FloatArray:
    """Intersection over union of one box with ``n`` others, all in the same axis order."""
    low = np.maximum(centre - size / 2, centres - sizes / 2)
    high = np.minimum(centre + size / 2, centres + sizes / 2)
    common = np.prod(np.clip(high - low, 0, None), axis=1)
    iou: FloatArray = common / (np.prod(size) + np.prod(sizes, axis=1) - common)
    return iou


def suppress_overlaps(
    centres: FloatArray, sizes: FloatArray, scores: FloatArray, *, iou: float, distance_voxels: float = 0.0
) -> npt.NDArray[np.intp]:
    """Greedy non-maximum suppression: indices of the boxes that stay, best score first.

    A box goes when a better one that stays overlaps it by more than ``iou``, or has its centre within
    ``distance_voxels`` (not included) of its own. Equal scores keep their order.
    """
    waiting = np.argsort(-scores, kind="stable")
    kept = []
    while len(waiting):
        best, waiting = waiting[0], waiting[1:]
        kept.append(best)
        apart = np.linalg.norm(centres[waiting] - centres[best], axis=1) >= distance_voxels
        waiting = waiting[apart & (box_iou(centres[best], sizes[best], centres[waiting], sizes[waiting]) <= iou)]
    return np.array(kept, dtype=np.intp)


def _points(values: npt.ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64).reshape(-1, 3)
