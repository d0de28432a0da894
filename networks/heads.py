"""The task heads: presence, box, mask and rating, with residual links between them."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from .box_mean import box_mean
from .conv_norm import ConvNorm
from .packing import BOX_CHANNELS, HEAT_CHANNELS, RATING_CHANNELS, HeadMaps
from .space_to_depth import depth_to_space, space_to_depth

_PRIOR = 0.01
"""Presence before any evidence (Lin et al. 2017, focal loss): keeps the first steps from being all negatives."""
_POOL = 5
"""Rating pools over 5 cells (20 voxels), the extent of all but the largest nodules."""
_POOL_FLOOR = 0.05
"""Share of the cell's own features in the pooled rating where nothing is segmented: keeps the ratio finite."""


class Heads(nn.Module):
    """Turn shared features into the maps of :class:`HeadMaps`.

    With ``links`` what one head has learnt is added, through a 1x1x1 projection, to the features of the next:
    mask -> presence and box -> rating. Without, the heads share the encoder and decoder only (for ablation).

    The head of masks, ``mask``, comes first and apart: features at stride 2, ``(b, fine_width, d/2, ...)`` -> 8 logits
    of their voxels.

    ``forward``: ``(b, width, d/4, ...)``, those logits ``(b, 8, d/2, ...)`` -> :class:`HeadMaps`; where ``rate`` is
    False the rating head is left out, and zeros stand for its logits.
    """

    def __init__(self, *, width: int, fine_width: int, links: bool = True) -> None:
        super().__init__()
        self.links = links
        self.rating_channels = RATING_CHANNELS
        self.mask = nn.Conv3d(fine_width, 8, 1)
        self.box_features = nn.Sequential(ConvNorm(width, width), ConvNorm(width, width))
        self.heat = nn.Conv3d(width, HEAT_CHANNELS, 1)
        self.box = nn.Conv3d(width, BOX_CHANNELS, 1)
        self.rating_features = ConvNorm(width, width)
        self.rating = nn.Sequential(ConvNorm(width, width, kernel_size=1), nn.Conv3d(width, RATING_CHANNELS, 1))
        self.mask_link: nn.Module = nn.Conv3d(64, width, 1) if links else nn.Identity()
        self.box_link: nn.Module = nn.Conv3d(width, width, 1) if links else nn.Identity()
        for rare in (self.heat, self.mask):
            assert rare.bias is not None
            nn.init.constant_(rare.bias, -math.log(1 / _PRIOR - 1))

    def forward(self, coarse: Tensor, mask2: Tensor, rate: bool = True) -> HeadMaps:
        """Return the maps of all heads."""
        cells = space_to_depth(torch.sigmoid(mask2), 2)
        shared = self.mask_link(cells).add_(coarse) if self.links else coarse
        box_features = self.box_features(shared)
        heat, box = self.heat(box_features), self.box(box_features)
        if rate:
            rated = self.rating_features(coarse)
            if self.links:
                rated = rated + self.box_link(box_features)
            rating = self.rating(_pool_over_mask(rated, cells.mean(dim=1, keepdim=True)))
        else:
            b, _, d, h, w = heat.shape
            rating = heat.new_zeros((b, self.rating_channels, d, h, w))
        return HeadMaps(heat, box, depth_to_space(mask2, 2), rating)


def _pool_over_mask(features: Tensor, weight: Tensor, cells: int = _POOL, floor: float = _POOL_FLOOR) -> Tensor:
    """Mean of the features over the segmented voxels around: the candidate, as the network outlines it."""
    pooled, total = box_mean(features * weight, cells), box_mean(weight, cells)
    return (pooled + floor * features) / (total + floor)
