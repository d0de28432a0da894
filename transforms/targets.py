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
_UNKNOWN_EDGE_VOXELS = 8.0
"""Taken for the size of a lesion of which only a point is known: how far its heat reaches, and what is left alone."""


@dataclass(frozen=True, eq=False)
class Lesion:
    """One annotated nodule of a patch; what is None is not known, and nothing is learnt about it.

    mask : ``(k, j, i)`` of the whole patch: bool, or the share of each voxel that is nodule.
    scores, attributes : ratings, as the rating head says them.
    centre_kji, edges : the middle and the edges (voxels) of its box, where there is no mask.
    """

    mask: npt.NDArray[np.bool_] | F32 | None = None
    scores: F32 | None = None
    attributes: F32 | None = None
    centre_kji: tuple[float, float, float] | None = None
    edges: tuple[float, float, float] | None = None


@dataclass(frozen=True, eq=False)
class DenseTargets:
    """Maps at stride 4 ``(c, d/4, h/4, w/4)`` (``mask`` is as fine as the patch) and the weights of their losses."""

    heat: F32
    box: F32
    mask: F32
    rating: F32
    box_weight: F32
    mask_weight: F32
    rating_weight: F32


def dense_targets(shape_kji: tuple[int, int, int], lesions: Sequence[Lesion], *, n_attributes: int) -> DenseTargets:
    """Encode lesions as centre heat map, boxes, mask and ratings.

    Where two lesions claim a cell, the later one's box and rating stay and the higher heat counts. A lesion whose mask
    is empty in this patch, or whose centre lies outside, is left out. Around a lesion without a mask nothing is learnt
    about outlines.
    """
    cells = (shape_kji[0] // STRIDE, shape_kji[1] // STRIDE, shape_kji[2] // STRIDE)
    heat, mask = np.zeros((1, *cells), np.float32), np.zeros((1, *shape_kji), np.float32)
    box, box_weight = np.zeros((6, *cells), np.float32), np.zeros((1, *cells), np.float32)
    rating = np.full((5 + n_attributes, *cells), 0.2, np.float32)
    rating_weight, mask_weight = np.zeros((2, *cells), np.float32), np.ones((1, *cells), np.float32)
    for lesion in lesions:
        place = _place(lesion, shape_kji)
        if place is None:
            continue
        centre, edges = place
        cell = tuple(
            int(np.clip(round((c - CELL_CENTRE) / STRIDE), 0, n - 1)) for c, n in zip(centre, cells, strict=True)
        )
        distance = _distance_to(cell, cells)
        size = _UNKNOWN_EDGE_VOXELS if edges is None else float(edges.mean())
        sigma = np.clip(size / STRIDE / 4, 0.5, 2.0)
        np.maximum(heat[0], np.exp(-(distance**2) / (2 * sigma**2)), out=heat[0])
        heat[0][cell] = 1.0
        near = distance <= _BOX_REACH_CELLS
        weight = np.exp(-(distance[near] ** 2) / 2)
        if lesion.mask is not None:
            np.maximum(mask[0], lesion.mask, out=mask[0])
        else:
            mask_weight[0][distance <= size / STRIDE + _BOX_REACH_CELLS] = 0.0
        if edges is not None:
            cells_near = np.argwhere(near)
            centres, sizes = (np.broadcast_to(v[::-1], cells_near.shape) for v in (centre, edges))
            box[:, near], box_weight[0, near] = encode_boxes(centres, sizes, cells_near).T, weight
        if lesion.scores is not None:
            rating[:5, near], rating_weight[0, near] = lesion.scores[:, None], weight
        if lesion.attributes is not None:
            rating[5:, near], rating_weight[1, near] = lesion.attributes[:, None], weight
    return DenseTargets(heat, box, mask, rating, box_weight, mask_weight, rating_weight)


def _place(
    lesion: Lesion, shape_kji: tuple[int, int, int]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64] | None] | None:
    """Centre and edges (k, j, i; voxels) of a lesion, edges None if unknown; None where it is not in the patch."""
    if lesion.mask is not None:
        inside = lesion.mask >= 0.5
        return box_of(inside) if inside.any() else None
    if lesion.centre_kji is None:
        raise ValueError("a lesion needs a mask or a centre, found neither")
    centre = np.array(lesion.centre_kji, float)
    if np.any(centre < 0) or np.any(centre > np.array(shape_kji) - 1):
        return None
    return centre, None if lesion.edges is None else np.array(lesion.edges, float)


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
