"""The four heads of ResMTNetFusion."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .fusion_packing import SCORES


class LinkedHeads(nn.Module):
    """Presence, location, size, malignancy: what one head has learnt is added to the features of the next.

    ``forward``: ``(b, width)`` -> ``(b, 10)``, in the order of :mod:`resmtnet.networks.fusion_packing`.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.presence_features = _features(width)
        self.location_features = _features(width)
        self.size_features = _features(width)
        self.malignancy_features = _features(width)
        self.presence = nn.Linear(width, 1)
        self.location = nn.Linear(width, 3)
        self.size = nn.Linear(width, 1)
        self.malignancy = nn.Linear(width, SCORES)

    def forward(self, shared: Tensor) -> Tensor:
        """Return the columns of all heads."""
        presence = shared + self.presence_features(shared)
        location = presence + self.location_features(presence)
        size = location + self.size_features(location)
        malignancy = size + self.malignancy_features(size)
        heads = [self.presence(presence), self.location(location), self.size(size), self.malignancy(malignancy)]
        return torch.cat(heads, dim=1)


def _features(width: int) -> nn.Sequential:
    return nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.ReLU())
