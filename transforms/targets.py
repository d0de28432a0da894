"""What a dense multi-task head should say about nodules whose outline is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .boxes import CELL_CENTRE, STRIDE, encode_boxes

F32 = npt.NDArray[np.float32]

_BOX_REACH_CELLS = 1.6
"""Cells within this distance of the centre cell learn the box too: peaks land next door at times."""


@dataclass(frozen=True, eq=False)
class Lesion:
    """One outlined nodule of a patch: mask ``(k, j, i)`` of the whole patch, ratings if known (see the rating head)."""

    mask: npt.NDArray[np.bool_]
    scores: F32 | None = None
    attributes: F32 | None = None


@dataclass(frozen=True, eq=False)
class DenseTargets:
    """Maps at stride 4 ``(c, d/4, h/4, w/4)`` (``mask`` is as fine as the patch) and the weights of their losses."""

    heat: F32
    box: F32
    mask: F32
    rating: F32
    box_weight: F32
    rating_weight: F32


def dense_targets(shape_kji: tuple[int, int, int], lesions: Sequence[Lesion], *, n_attributes: int) -> DenseTargets:
    """Encode lesions as centre heat map, boxes, mask and ratings.

    Where two lesions claim a cell, the later one's box and rating stay and the higher heat counts. A lesion whose mask
    is empty in this patch is left out.
    """
    cells = (shape_kji[0] // STRIDE, shape_kji[1] // STRIDE, shape_kji[2] // STRIDE)
    heat, mask = np.zeros((1, *cells), np.float32), np.zeros((1, *shape_kji), np.float32)
    box, box_weight = np.zeros((6, *cells), np.float32), np.zeros((1, *cells), np.float32)
    rating = np.full((5 + n_attributes, *cells), 0.2, np.float32)
    rating_weight = np.zeros((2, *cells), np.float32)
    for lesion in lesions:
        if not lesion.mask.any():
            continue
        centre, edges = box_of(lesion.mask)
        cell = tuple(
            int(np.clip(round((c - CELL_CENTRE) / STRIDE), 0, n - 1)) for c, n in zip(centre, cells, strict=True)
        )
        distance = _distance_to(cell, cells)
        sigma = np.clip(edges.mean() / STRIDE / 4, 0.5, 2.0)
        np.maximum(heat[0], np.exp(-(distance**2) / (2 * sigma**2)), out=heat[0])
        heat[0][cell] = 1.0
        mask[0][lesion.mask] = 1.0
        near = distance <= _BOX_REACH_CELLS
        cells_near = np.argwhere(near)
        centres, sizes = (np.broadcast_to(v[::-1], cells_near.shape) for v in (centre, edges))
        box[:, near] = encode_boxes(centres, sizes, cells_near).T
        box_weight[0, near] = np.exp(-(distance[near] ** 2) / 2)
        if lesion.scores is not None:
            rating[:5, near], rating_weight[0, near] = lesion.scores[:, None], box_weight[0, near]
        if lesion.attributes is not None:
            rating[5:, near], rating_weight[1, near] = lesion.attributes[:, None], box_weight[0, near]
    return DenseTargets(heat, box, mask, rating, box_weight, rating_weight)


def box_of(mask: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Centre (k, j, i; voxel centres are integers) and edges (voxels) of the box around a mask that is not empty."""
    found = [np.flatnonzero(mask.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    low, high = np.array([f[0] for f in found], float), np.array([f[-1] for f in found], float)
    return (low + high) / 2, high - low + 1


def _distance_to(cell: tuple[int, ...], cells: tuple[int, int, int]) -> F32:
    axes = np.meshgrid(
        *[np.arange(n, dtype=np.float32) - c for n, c in zip(cells, cell, strict=True)], indexing="ij", sparse=True
    )
    return np.asarray(np.sqrt(sum(a**2 for a in axes)), dtype=np.float32)
