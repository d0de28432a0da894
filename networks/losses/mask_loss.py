"""Loss of the nodule mask."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_SMOOTH_VOXELS = 10.0
"""Added to both sides of the Dice ratio: keeps it defined where a case has no nodule, and calm for the smallest."""


def mask_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Soft Dice per case plus binary cross-entropy, masked.

    Parameters
    ----------
    logits, target, weight : ``(b, 1, d, h, w)``; weight 0 where no outline is known.

    Returns
    -------
    Scalar. Cross-entropy is averaged per nodule voxel (at least 1,000), so that its gradient does not vanish among the
    many voxels of air. Cases whose weight is zero everywhere count nowhere.
    """
    bce = F.binary_cross_entropy_with_logits(logits, target, weight=weight, reduction="sum")
    bce = bce / (target * weight).sum().clamp(min=1000.0)
    p, t = torch.sigmoid(logits) * weight, target * weight
    dims = (1, 2, 3, 4)
    dice = (2 * (p * t).sum(dims) + _SMOOTH_VOXELS) / (p.sum(dims) + t.sum(dims) + _SMOOTH_VOXELS)
    known = (t.sum(dims) > 0).to(dice.dtype)
    return bce + ((1 - dice) * known).sum() / known.sum().clamp(min=1.0)
