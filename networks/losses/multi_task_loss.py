"""The sum of all task losses, each where its truth is known."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..packing import unpack
from .box_loss import box_loss
from .heat_loss import heat_loss
from .mask_loss import mask_loss
from .rating_loss import rating_loss
from .targets import unpack_targets


class MultiTaskLoss(nn.Module):
    """Weighted sum of presence, box, mask and rating losses on packed tensors.

    ``forward``: network output ``(b, 83, ...)`` and packed targets ``(b, 88, ...)`` -> scalar.

    Parameters
    ----------
    heat, box, mask, rating : task weights.
    """

    def __init__(self, *, heat: float = 1.0, box: float = 0.5, mask: float = 1.0, rating: float = 0.2) -> None:
        super().__init__()
        self.weights = {"heat": heat, "box": box, "mask": mask, "rating": rating}

    def parts(self, packed: Tensor, packed_targets: Tensor) -> dict[str, Tensor]:
        """Return the unweighted loss of each task."""
        maps, targets = unpack(packed.float()), unpack_targets(packed_targets)
        mask_weight = F.interpolate(targets.mask_weight, size=maps.mask.shape[2:], mode="nearest")
        return {
            "heat": heat_loss(maps.heat, targets.maps.heat, targets.heat_weight),
            "box": box_loss(maps.box, targets.maps.box, targets.box_weight),
            "mask": mask_loss(maps.mask, targets.maps.mask, mask_weight),
            "rating": rating_loss(maps.rating, targets.maps.rating, targets.rating_weight),
        }

    def forward(self, packed: Tensor, packed_targets: Tensor) -> Tensor:
        """Return the weighted sum."""
        parts = self.parts(packed, packed_targets)
        return torch.stack([self.weights[name] * value for name, value in parts.items()]).sum()
