"""The targets of one batch, in one tensor like the network's output."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ..packing import HeadMaps, pack, unpack

WEIGHT_CHANNELS = 5


class Targets(NamedTuple):
    """What the heads should say, and where that is known (weights are per cell of stride 4).

    maps : as :class:`HeadMaps`, as probabilities instead of logits.
    heat_weight, box_weight, mask_weight : ``(b, 1, d/4, h/4, w/4)``.
    rating_weight : ``(b, 2, d/4, h/4, w/4)``: malignancy, attributes.
    """

    maps: HeadMaps
    heat_weight: Tensor
    box_weight: Tensor
    mask_weight: Tensor
    rating_weight: Tensor


def pack_targets(targets: Targets) -> Tensor:
    """Lay targets and weights along the channels: ``(b, 88, d/4, h/4, w/4)``."""
    weights = [targets.heat_weight, targets.box_weight, targets.mask_weight, targets.rating_weight]
    return torch.cat([pack(targets.maps), *weights], dim=1)


def unpack_targets(packed: Tensor) -> Targets:
    """Undo :func:`pack_targets`."""
    maps, heat, box, mask, rating = torch.split(packed, [packed.shape[1] - WEIGHT_CHANNELS, 1, 1, 1, 2], dim=1)
    return Targets(unpack(maps), heat, box, mask, rating)
