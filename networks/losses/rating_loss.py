"""Loss of the nodule rating."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from ..packing import SCORES
from .malignancy_loss import malignancy_loss


def rating_loss(logits: Tensor, target: Tensor, weight: Tensor, *, q: float = 1.0) -> Tensor:
    """Compare malignancy with the distribution of the readers' scores, and each attribute with its mean rating.

    Malignancy: :func:`malignancy_loss`. Attributes: binary cross-entropy.

    Parameters
    ----------
    logits, target : ``(b, 12, d, h, w)``: five score probabilities (summing to 1), then attributes scaled to [0, 1].
    weight : ``(b, 2, d, h, w)``: where malignancy, and where attributes are known.
    q : of :func:`malignancy_loss`; above 1 leans towards malignant.

    Returns
    -------
    Scalar, 0 if nothing is rated.
    """
    malignancy = malignancy_loss(logits[:, :SCORES], target[:, :SCORES], q)
    attributes = F.binary_cross_entropy_with_logits(logits[:, SCORES:], target[:, SCORES:], reduction="none").mean(1)
    return _mean(malignancy, weight[:, 0]) + _mean(attributes, weight[:, 1])


def _mean(value: Tensor, weight: Tensor) -> Tensor:
    return (value * weight).sum() / weight.sum().clamp(min=1e-6)
