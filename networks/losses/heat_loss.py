"""Loss of the presence map."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def heat_loss(logits: Tensor, target: Tensor, weight: Tensor, *, alpha: float = 2.0, beta: float = 4.0) -> Tensor:
    """Focal loss on a centre heat map (Zhou et al. 2019, Objects as Points, eq. 1), masked.

    Parameters
    ----------
    logits, target, weight : ``(b, 1, d, h, w)``; target 1 at a nodule's centre cell, a Gaussian below 1 around it;
        weight 0 where the truth is not known.
    alpha : how much easy cells count less.
    beta : how much cells near a centre count less as negatives.

    Returns
    -------
    Scalar; the sum over cells divided by the number of nodules (at least one), so scans without a nodule train too.
    """
    p = torch.sigmoid(logits)
    positive = (target >= 1.0).to(logits.dtype)
    hit = -F.logsigmoid(logits) * (1 - p) ** alpha * positive
    miss = -F.logsigmoid(-logits) * p**alpha * (1 - target) ** beta * (1 - positive)
    return ((hit + miss) * weight).sum() / (positive * weight).sum().clamp(min=1.0)
