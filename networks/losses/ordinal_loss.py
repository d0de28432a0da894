"""Loss of a distribution over ordered scores, threshold by threshold."""

from __future__ import annotations

import torch
from torch import Tensor

from .balanced_bce import balanced_bce


def ordinal_loss(logits: Tensor, target: Tensor, q: float = 1.0) -> Tensor:
    """Mean over the thresholds t of :func:`balanced_bce` for "the score is above t".

    The cumulative logit is ``x_t = logsumexp(l[t:]) - logsumexp(l[:t])``, that is log P(score > t) - log P(score <= t)
    under the softmax of l; the label is the share of readers above t. Unlike cross-entropy it knows the order: a
    wrong score costs more the further away it is.

    Parameters
    ----------
    logits, target : ``(b, scores, ...)``; logits of a softmax, shares that sum to 1.
    q : weight of the readers above each threshold; 1 has its least loss at the readers' own distribution.

    Returns
    -------
    ``(b, ...)``.
    """
    thresholds = range(1, logits.shape[1])
    above = torch.stack([target[:, t:].sum(dim=1) for t in thresholds], dim=1)
    cumulative = torch.stack([logits[:, t:].logsumexp(1) - logits[:, :t].logsumexp(1) for t in thresholds], dim=1)
    return balanced_bce(cumulative, above, q).mean(dim=1)
