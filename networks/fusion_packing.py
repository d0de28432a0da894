"""The columns of ResMTNetFusion's output, and of its targets."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

SCORES = 5
LOCATION_SCALE_MM = 10.0
"""Locations are in units of this."""
SIZE_UNIT_MM = 8.0
"""The size is the logarithm of the diameter in units of this."""
COLUMNS = (
    "presence",
    "location_k",
    "location_j",
    "location_i",
    "log_size",
    *(f"malignancy_{score}" for score in range(1, SCORES + 1)),
)
WEIGHTS = ("presence_weight", "location_weight", "size_weight", "malignancy_weight", "spare_weight")
"""Columns after the targets: whether each is known."""


class FusionHeads(NamedTuple):
    """What the heads say of a patch.

    presence : logit ``(b,)``: there is a nodule.
    location : ``(b, 3)``: centre of the nodule minus that of the patch (k, j, i), mm / :data:`LOCATION_SCALE_MM`.
    log_size : ``(b,)``: log(diameter / :data:`SIZE_UNIT_MM`).
    malignancy : logits ``(b, 5)`` of the readers' scores 1 to 5 (softmax).
    """

    presence: Tensor
    location: Tensor
    log_size: Tensor
    malignancy: Tensor


def split_fusion(packed: Tensor) -> FusionHeads:
    """Split ``(b, 10)``, in the order of :data:`COLUMNS`.

    Raises
    ------
    ValueError
        If there are not 10 columns.
    """
    if packed.shape[1] != len(COLUMNS):
        raise ValueError(f"a fusion output has {len(COLUMNS)} columns, found {packed.shape[1]}")
    presence, location, log_size, malignancy = torch.split(packed, [1, 3, 1, SCORES], dim=1)
    return FusionHeads(presence[:, 0], location, log_size[:, 0], malignancy)
