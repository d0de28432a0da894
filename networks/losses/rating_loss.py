"""Loss of the nodule rating."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from ..packing import SCORES


def rating_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy with the distribution of the readers' malignancy scores, plus that of each attribute.

    Parameters
    ----------
    logits, target : ``(b, 12, d, h, w)``: five score probabilities (summing to 1), then attributes scaled to [0, 1].
    weight : ``(b, 2, d, h, w)``: where malignancy, and where attributes are known.

    Returns
    -------
    Scalar, 0 if nothing is rated.
    """
    score = -(target[:, :SCORES] * F.log_softmax(logits[:, :SCORES], dim=1)).sum(1)
    attributes = F.binary_cross_entropy_with_logits(logits[:, SCORES:], target[:, SCORES:], reduction="none").mean(1)
    return _mean(score, weight[:, 0]) + _mean(attributes, weight[:, 1])


def _mean(value: Tensor, weight: Tensor) -> Tensor:
    return (value * weight).sum() / weight.sum().clamp(min=1e-6)
