"""From the network's packed logits to maps of probabilities."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import torch
from monai.transforms.transform import MapTransform
from torch import Tensor

from ...networks.packing import unpack


class UnpackHeadsd(MapTransform):  # type: ignore[misc]  # MONAI ships no types
    """Split ``pred`` ``(1, 83, d/4, h/4, w/4)`` into ``heat``, ``box``, ``mask`` and ``rating``; ``pred`` is dropped.

    ``heat`` ``(d/4, h/4, w/4)`` and ``mask`` ``(d, h, w)`` are probabilities; ``box`` ``(6, d/4, h/4, w/4)`` and
    ``rating`` ``(12, d/4, h/4, w/4)`` are what the heads said. All float32.

    Raises ValueError if a value is not finite: nothing can be said of such a scan.

    Parameters
    ----------
    outline_probability : what the mask head says on the outline of a nodule, fitted once per set of weights; its logits
        are shifted so that ``mask`` is 0.5 there.
    """

    def __init__(self, keys: Hashable | Sequence[Hashable] = "pred", *, outline_probability: float = 0.5) -> None:
        super().__init__(keys)
        if not 0 < outline_probability < 1:
            raise ValueError(f"outline_probability lies between 0 and 1, found {outline_probability}")
        self.outline_probability = float(outline_probability)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Return a copy of ``data`` with the maps."""
        result = dict(data)
        for key in self.key_iterator(data):
            result |= split_heads(result.pop(key), outline_probability=self.outline_probability)
        return result


def split_heads(packed: Tensor, *, outline_probability: float) -> dict[Hashable, Tensor]:
    """Split one case's packed logits ``(1, 83, d/4, h/4, w/4)``; see :class:`UnpackHeadsd`."""
    if packed.shape[0] != 1:
        raise ValueError(f"expected one case, found {packed.shape[0]}")
    if not torch.isfinite(packed.sum()):  # one value that is not finite makes the sum so; to ask each costs far more
        raise ValueError("the network's output is not finite")
    maps = unpack(packed)
    on_outline = math.log(outline_probability / (1 - outline_probability))
    return {
        "heat": torch.sigmoid(maps.heat[0, 0].float()),
        "box": maps.box[0].float(),
        "mask": torch.sigmoid(maps.mask[0, 0].float() - on_outline),
        "rating": maps.rating[0].float(),
    }
