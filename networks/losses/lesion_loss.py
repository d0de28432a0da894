"""Loss of a lesion's outline in an image."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_SMOOTH_PIXELS = 10.0
"""Added to both sides of the Dice ratio: keeps it calm for the smallest lesions."""


def lesion_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Soft Dice per image with a lesion, plus binary cross-entropy per image.

    Both are averaged over images, so that a small lesion counts as much as a large one: the mean Dice of a data set is
    lost on those that are missed. An image without a lesion has cross-entropy only.

    Parameters
    ----------
    logits : ``(b, 1, h, w)``.
    target : ``(b, 1, h, w)`` in [0, 1]; an image that is below 0 everywhere has no known outline and counts nowhere.

    Returns
    -------
    Scalar, 0 if no outline is known.
    """
    dims = (1, 2, 3)
    known = (target.amax(dims) >= 0).to(logits.dtype)
    target = target.clamp(min=0)
    bce = F.binary_cross_entropy_with_logits(logits, target, reduction="none").mean(dims)
    p = torch.sigmoid(logits)
    outlined = target.sum(dims)
    dice = (2 * (p * target).sum(dims) + _SMOOTH_PIXELS) / (p.sum(dims) + outlined + _SMOOTH_PIXELS)
    return _mean(bce, known) + _mean(1 - dice, known * (outlined > 0))


def _mean(value: Tensor, weight: Tensor) -> Tensor:
    return (value * weight).sum() / weight.sum().clamp(min=1.0)
