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
    many voxels of air. A case without a nodule has cross-entropy only; one whose weight is zero everywhere counts
    nowhere.
    """
    bce = F.binary_cross_entropy_with_logits(logits, target, weight=weight, reduction="sum")
    bce = bce / (target * weight).sum().clamp(min=1000.0)
    p, dims = torch.sigmoid(logits), (1, 2, 3, 4)
    shared, outlined = (p * target * weight).sum(dims), (target * weight).sum(dims)
    dice = (2 * shared + _SMOOTH_VOXELS) / ((p * weight).sum(dims) + outlined + _SMOOTH_VOXELS)
    known = (outlined > 0).to(dice.dtype)
    return bce + ((1 - dice) * known).sum() / known.sum().clamp(min=1.0)
