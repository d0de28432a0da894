"""The sum of all task losses, each where its truth is known."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..packing import unpack
from .box_loss import box_loss
from .heat_loss import heat_loss
from .mask_loss import mask_loss
from .rating_loss import rating_loss
from .targets import Targets, unpack_targets


class MultiTaskLoss(nn.Module):
    """Weighted sum of presence, box, mask and rating losses on packed tensors.

    ``forward``: network output ``(b, 83, ...)`` and packed targets ``(b, 88, ...)`` -> scalar.

    With ``learned`` task weights (homoscedastic uncertainty, Kendall et al. 2018) the sum is that of
    ``exp(-s) L + s`` over the tasks that have a label in the batch, with a trained log variance s per task that starts
    at -log(weight). Then give ``parameters()`` to the optimiser too, without weight decay (which would pull every
    weight to 1), keep ``state_dict()`` in the checkpoint, and validate with :meth:`fixed`: the learned sum may be
    negative and changes its measure from epoch to epoch. On several processes wrap this module for training in
    ``DistributedDataParallel(find_unused_parameters=True)``, else each process learns weights of its own.

    Parameters
    ----------
    heat, box, mask, rating : task weights, 0 to leave a task out; with ``learned`` where they start.
    learned : whether the weights are trained.
    rating_q : of :func:`rating_loss`; above 1 leans towards malignant.

    Raises
    ------
    ValueError
        If a weight is negative or ``rating_q`` is not above 0.
    """

    def __init__(
        self,
        *,
        heat: float = 1.0,
        box: float = 0.5,
        mask: float = 1.0,
        rating: float = 0.2,
        learned: bool = False,
        rating_q: float = 1.0,
    ) -> None:
        super().__init__()
        self.weights = {"heat": heat, "box": box, "mask": mask, "rating": rating}
        if not all(weight >= 0 for weight in self.weights.values()):
            raise ValueError(f"task weights must not be negative, found {self.weights}")
        if not rating_q > 0:
            raise ValueError(f"rating_q must be above 0, found {rating_q}")
        self.rating_q = rating_q
        start = {name: -math.log(weight) for name, weight in self.weights.items() if learned and weight > 0}
        # one parameter per task: the optimiser skips those without gradient, momentum and all
        self.log_variances = nn.ParameterDict({name: nn.Parameter(torch.tensor(s)) for name, s in start.items()})

    def parts(self, packed: Tensor, packed_targets: Tensor) -> dict[str, Tensor]:
        """Return the unweighted loss of each task."""
        return self._parts(packed, unpack_targets(packed_targets))

    def forward(self, packed: Tensor, packed_targets: Tensor) -> Tensor:
        """Return the weighted sum."""
        targets = unpack_targets(packed_targets)
        parts = self._parts(packed, targets)
        if not self.log_variances:
            return self._weighted(parts)
        known = _known(targets)
        # the parts are there once at no weight, so that a batch without any label has a gradient too (of zeros)
        terms = [0.0 * value for value in parts.values()]
        terms += [torch.exp(-s) * parts[name] + s for name, s in self.log_variances.items() if known[name]]
        return torch.stack(terms).sum()

    def fixed(self, packed: Tensor, packed_targets: Tensor) -> Tensor:
        """Return the sum with the weights given at the start, learned or not: for validation."""
        return self._weighted(self.parts(packed, packed_targets))

    def task_weights(self) -> dict[str, float]:
        """Return what each task counts now."""
        return self.weights | {name: math.exp(-float(s.detach())) for name, s in self.log_variances.items()}

    def _weighted(self, parts: dict[str, Tensor]) -> Tensor:
        return torch.stack([self.weights[name] * value for name, value in parts.items()]).sum()

    def _parts(self, packed: Tensor, targets: Targets) -> dict[str, Tensor]:
        maps = unpack(packed.float())
        mask_weight = F.interpolate(targets.mask_weight, size=maps.mask.shape[2:], mode="nearest")
        return {
            "heat": heat_loss(maps.heat, targets.maps.heat, targets.heat_weight),
            "box": box_loss(maps.box, targets.maps.box, targets.box_weight),
            "mask": mask_loss(maps.mask, targets.maps.mask, mask_weight),
            "rating": rating_loss(maps.rating, targets.maps.rating, targets.rating_weight, q=self.rating_q),
        }


def _known(targets: Targets) -> dict[str, bool]:
    """Which tasks have a label in the batch."""
    weights = [targets.heat_weight, targets.box_weight, targets.mask_weight, targets.rating_weight]
    known = torch.stack([weight.any() for weight in weights]).tolist()
    return dict(zip(("heat", "box", "mask", "rating"), known, strict=True))
