"""The one tensor a multi-task network returns, and the maps it holds.

MONAI's ``verify_net_in_out``, tracing and ONNX want one output tensor. Every map is therefore brought to stride 4 (the
mask, which is as fine as the input, by :func:`space_to_depth`) and laid along the channels.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from .space_to_depth import depth_to_space, space_to_depth

STRIDE = 4
HEAT_CHANNELS = 1
BOX_CHANNELS = 6
MASK_CHANNELS = STRIDE**3
SCORES = 5
"""Malignancy is rated 1 to 5 by each reader; the network predicts the distribution of those scores."""
ATTRIBUTES = ("subtlety", "calcification", "sphericity", "margin", "lobulation", "spiculation", "texture")
RATING_CHANNELS = SCORES + len(ATTRIBUTES)
PACKED_CHANNELS = HEAT_CHANNELS + BOX_CHANNELS + MASK_CHANNELS + RATING_CHANNELS


class HeadMaps(NamedTuple):
    """What the heads say, as logits, for input ``(b, c, d, h, w)``.

    heat : ``(b, 1, d/4, h/4, w/4)``: presence of a nodule's centre in the cell.
    box : ``(b, 6, d/4, h/4, w/4)``: centre minus cell centre (k, j, i; voxels), then log(edge / 8 voxels) (k, j, i).
    mask : ``(b, 1, d, h, w)``: nodule voxels.
    rating : ``(b, 12, d/4, h/4, w/4)``: malignancy score 1 to 5 (softmax), then :data:`ATTRIBUTES` (sigmoid).
    """

    heat: Tensor
    box: Tensor
    mask: Tensor
    rating: Tensor


def pack(maps: HeadMaps, stride: int = STRIDE) -> Tensor:
    """Lay the maps along the channels: ``(b, 83, d/4, h/4, w/4)``.

    ``stride`` is a parameter only because TorchScript reads no module constants; leave it alone.
    """
    return torch.cat([maps.heat, maps.box, space_to_depth(maps.mask, stride), maps.rating], dim=1)


def unpack(packed: Tensor) -> HeadMaps:
    """Split a packed tensor ``(b, 83, d/4, h/4, w/4)`` into its maps.

    Raises
    ------
    ValueError
        If the tensor does not have the 83 channels of :func:`pack`.
    """
    if packed.shape[1] != PACKED_CHANNELS:
        raise ValueError(f"a packed output has {PACKED_CHANNELS} channels, found {packed.shape[1]}")
    heat, box, mask, rating = torch.split(packed, [HEAT_CHANNELS, BOX_CHANNELS, MASK_CHANNELS, RATING_CHANNELS], dim=1)
    return HeadMaps(heat, box, depth_to_space(mask, STRIDE), rating)
