"""Loss of the box map."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from .box_giou import box_giou

_OFFSET_SCALE_VOXELS = 4.0
"""Offsets are compared in cells, so that they and the log edges have errors of like size."""


def box_loss(predicted: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Smooth L1 on offsets and log edges, plus 1 - :func:`box_giou`, averaged over the weighted cells.

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
    apart = 1 - box_giou(predicted, target)
    return ((difference + apart) * weight).sum() / weight.sum().clamp(min=1.0)
