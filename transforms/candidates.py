"""From the centre heat map and the box map to a list of candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from .boxes import STRIDE, decode_boxes, suppress_overlaps
from .grid import FloatArray

Point = tuple[float, float, float]
Maps = torch.Tensor | npt.NDArray[Any]

# peaks looked at for each candidate asked for; suppression rarely removes more than nine of ten
_PEAKS_PER_CANDIDATE = 10
# nothing smaller than a voxel is a nodule; the upper limit is the grid itself
_MIN_SIZE_VOXELS = 1.0


@dataclass(frozen=True)
class Candidate:
    """A peak of the heat map. Centre and size are in voxels (i, j, k) of the model grid, the cell in (k, j, i)."""

    probability: float
    cell_kji: tuple[int, int, int]
    centre_ijk: Point
    size_ijk: Point


def find_candidates(
    heat: Maps,
    boxes: Maps,
    *,
    min_probability: float,
    max_candidates: int = 100,
    nms_iou: float = 0.2,
    min_distance_voxels: float = 4.0,
) -> tuple[Candidate, ...]:
    """Find the local maxima of the heat map and decode their boxes, most probable first.

    ``heat`` ``(d/4, h/4, w/4)`` holds probabilities, ``boxes`` ``(6, d/4, h/4, w/4)`` the box head's values (see
    :mod:`.boxes`). A peak is no smaller than its 26 neighbours and at least ``min_probability``. Centres and sizes are
    clamped to the grid; of candidates that overlap by more than ``nms_iou``, or whose centres are nearer than
    ``min_distance_voxels``, the most probable stays. Raises ValueError when the shapes do not match.
    """
    heat, boxes = torch.as_tensor(heat).float(), torch.as_tensor(boxes).float()
    if heat.ndim != 3 or boxes.shape != (6, *heat.shape):
        raise ValueError(f"expected heat (d, h, w) and boxes (6, d, h, w), found {heat.shape} and {boxes.shape}")
    probabilities, cells = _peaks(heat, min_probability, _PEAKS_PER_CANDIDATE * max_candidates)
    said = boxes[:, cells[:, 0], cells[:, 1], cells[:, 2]].T.cpu().numpy()
    cells_kji = cells.cpu().numpy()
    centres, sizes = _clamp(*decode_boxes(said, cells_kji), heat.shape)
    scores = probabilities.cpu().numpy().astype(np.float64)
    kept = suppress_overlaps(centres, sizes, scores, iou=nms_iou, distance_voxels=min_distance_voxels)
    return tuple(
        Candidate(float(scores[n]), _triple(cells_kji[n]), _triple(centres[n]), _triple(sizes[n]))
        for n in kept[:max_candidates]
    )


def _peaks(heat: torch.Tensor, least: float, most: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Probabilities ``(n,)`` and cells ``(n, 3)`` of the highest local maxima."""
    highest = functional.max_pool3d(heat[None, None], 3, stride=1, padding=1)[0, 0]
    cells = torch.nonzero((heat == highest) & (heat >= least))
    probabilities, order = torch.sort(heat[tuple(cells.T)], descending=True, stable=True)
    return probabilities[:most], cells[order[:most]]


def _clamp(centres: FloatArray, sizes: FloatArray, cells_kji: torch.Size) -> tuple[FloatArray, FloatArray]:
    voxels = STRIDE * np.array(cells_kji[::-1], dtype=np.float64)
    return np.clip(centres, 0, voxels - 1), np.clip(sizes, _MIN_SIZE_VOXELS, voxels)


def _triple(values: npt.NDArray[Any]) -> tuple[Any, Any, Any]:
    a, b, c = values.tolist()
    return a, b, c
