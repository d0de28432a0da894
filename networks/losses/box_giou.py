"""Generalised overlap of boxes that belong to the same cells."""

from __future__ import annotations

import torch
from torch import Tensor

_LOG_EDGE_LIMIT = 4.0
"""Edges count as 0.15 to 437 voxels: the volumes stay far from float32's ends."""


def box_giou(a: Tensor, b: Tensor) -> Tensor:
    """Generalised intersection over union (Rezatofighi et al. 2019, algorithm 1), cell by cell.

    Intersection over union, less the share of the smallest common box that neither covers. Boxes apart still have a
    gradient that draws them together.

    Parameters
    ----------
    a, b : ``(b, 6, ...)``: centre minus cell centre in voxels (k, j, i), log(edge / 8 voxels).

    Returns
    -------
    ``(b, 1, ...)`` in (-1, 1]; 1 for equal boxes.
    """
    low_a, high_a = _corners(a)
    low_b, high_b = _corners(b)
    shared = _volume(torch.minimum(high_a, high_b) - torch.maximum(low_a, low_b))
    union = _volume(high_a - low_a) + _volume(high_b - low_b) - shared
    hull = _volume(torch.maximum(high_a, high_b) - torch.minimum(low_a, low_b))
    return shared / union - (hull - union) / hull


def _corners(box: Tensor) -> tuple[Tensor, Tensor]:
    half = 4 * box[:, 3:].clamp(-_LOG_EDGE_LIMIT, _LOG_EDGE_LIMIT).exp()
    return box[:, :3] - half, box[:, :3] + half


def _volume(edges: Tensor) -> Tensor:
    return edges.clamp(min=0).prod(dim=1, keepdim=True)
