"""Loss of a distribution over the scores of malignancy."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from .ordinal_loss import ordinal_loss


def malignancy_loss(logits: Tensor, target: Tensor, q: float = 1.0) -> Tensor:
    """Cross-entropy with the distribution of the readers' scores plus :func:`ordinal_loss`.

    Parameters
    ----------
    logits, target : ``(b, scores, ...)``; logits of a softmax, shares that sum to 1.
    q : of :func:`ordinal_loss`; above 1 leans towards malignant.

    Returns
    -------
    ``(b, ...)``.
    """
    return -(target * F.log_softmax(logits, dim=1)).sum(1) + ordinal_loss(logits, target, q)
