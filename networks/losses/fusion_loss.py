"""The loss of ResMTNetFusion: presence, location, size and malignancy of a patch's nodule."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..fusion_packing import COLUMNS, WEIGHTS, split_fusion
from .malignancy_loss import malignancy_loss

_BETA = 0.1
"""Where smooth L1 turns from square to linear: 1 mm of location, a tenth of the diameter."""


class FusionLoss(nn.Module):
    """Weighted sum of four losses, each over the patches whose truth is known.

    Presence: binary cross-entropy. Location (sum over the axes) and size: smooth L1. Malignancy:
    :func:`malignancy_loss`.

    ``forward``: network output ``(b, 10)`` and label ``(b, 15)`` -> scalar. The label is the targets in the order of
    :data:`~resmtnet.networks.fusion_packing.COLUMNS` (presence 0 or 1, malignancy as share of the readers per score),
    then the weights of :data:`~resmtnet.networks.fusion_packing.WEIGHTS`, 0 where unknown; targets are always finite.

    Parameters
    ----------
    presence, location, size, malignancy : weights of the tasks, 0 to leave one out.
    q : of :func:`malignancy_loss`; above 1 leans towards malignant.

    Raises
    ------
    ValueError
        If a weight is negative or ``q`` not above 0.
    """

    def __init__(
        self,
        *,
        presence: float = 1.0,
        location: float = 0.5,
        size: float = 0.5,
        malignancy: float = 1.0,
        q: float = 1.0,
    ) -> None:
        super().__init__()
        self.weights = {"presence": presence, "location": location, "size": size, "malignancy": malignancy}
        if not all(weight >= 0 for weight in self.weights.values()):
            raise ValueError(f"task weights must not be negative, found {self.weights}")
        if not q > 0:
            raise ValueError(f"q must be above 0, found {q}")
        self.q = q

    def parts(self, pred: Tensor, label: Tensor) -> dict[str, Tensor]:
        """Return the unweighted loss of each task."""
        targets, known = torch.split(label, [len(COLUMNS), len(WEIGHTS)], dim=1)
        said, truth = split_fusion(pred.float()), split_fusion(targets)
        location = F.smooth_l1_loss(said.location, truth.location, reduction="none", beta=_BETA).sum(1)
        losses = {
            "presence": F.binary_cross_entropy_with_logits(said.presence, truth.presence, reduction="none"),
            "location": location,
            "size": F.smooth_l1_loss(said.log_size, truth.log_size, reduction="none", beta=_BETA),
            "malignancy": malignancy_loss(said.malignancy, truth.malignancy, self.q),
        }
        return {name: _mean(loss, known[:, n]) for n, (name, loss) in enumerate(losses.items())}

    def forward(self, pred: Tensor, label: Tensor) -> Tensor:
        """Return the weighted sum."""
        return torch.stack([self.weights[name] * value for name, value in self.parts(pred, label).items()]).sum()


def _mean(value: Tensor, weight: Tensor) -> Tensor:
    return (value * weight).sum() / weight.sum().clamp(min=1e-6)
