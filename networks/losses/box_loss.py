"""Loss of the box map."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_OFFSET_SCALE_VOXELS = 4.0
"""Offsets are compared in cells, so that they and the log edges have errors of like size."""


def box_loss(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Smooth L1 on offsets and log edges, plus 1 - IoU, averaged over the weighted cells.

    Parameters
    ----------
    predicted, target : ``(b, 6, d, h, w)``: centre minus cell centre in voxels (k, j, i), log(edge / 8 voxels).
    weight : ``(b, 1, d, h, w)``; 0 away from nodules and where no box is known.

    Returns
    -------
    Scalar, 0 if no cell has weight.
    """
    scale = torch.tensor([_OFFSET_SCALE_VOXELS] * 3 + [1.0] * 3, device=predicted.device).reshape(1, 6, 1, 1, 1)
    difference = F.smooth_l1_loss(predicted / scale, target / scale, reduction="none", beta=0.1).sum(1, keepdim=True)
    overlap = 1 - box_iou(predicted, target)
    return ((difference + overlap) * weight).sum() / weight.sum().clamp(min=1.0)


def box_iou(a: Tensor, b: Tensor) -> Tensor:
    """Intersection over union of boxes that belong to the same cells: ``(b, 6, ...)`` twice -> ``(b, 1, ...)``."""
    edge_a, edge_b = 8 * a[:, 3:].clamp(-4, 4).exp(), 8 * b[:, 3:].clamp(-4, 4).exp()
    high = torch.minimum(a[:, :3] + edge_a / 2, b[:, :3] + edge_b / 2)
    low = torch.maximum(a[:, :3] - edge_a / 2, b[:, :3] - edge_b / 2)
    shared = (high - low).clamp(min=0).prod(dim=1, keepdim=True)
    union = edge_a.prod(dim=1, keepdim=True) + edge_b.prod(dim=1, keepdim=True) - shared
    return shared / union
