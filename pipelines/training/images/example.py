"""One training example of an image network."""

from __future__ import annotations

from typing import TypedDict

import torch
from torch import Tensor


class Example(TypedDict):
    """``image`` ``(channels, size, size)``; ``label`` its class number, or packed with the mask; ``number``."""

    image: Tensor
    label: Tensor
    number: int


def pack_label(label: int, mask: Tensor | None, *, mask_known: bool = True) -> Tensor:
    """Return what the losses take for one picture.

    Parameters
    ----------
    label : class number.
    mask : ``(1, size, size)``, or None for a network that only classifies.
    mask_known : False where nobody said where the lesion is.

    Returns
    -------
    The class number (int64, no axes) without a mask; with one ``(2, size, size)`` float32: mask (-1 everywhere if it is
    unknown), and the class number at every pixel.
    """
    if mask is None:
        return torch.tensor(label)
    shown = mask if mask_known else torch.full_like(mask, -1)
    return torch.cat([shown, torch.full_like(mask, label)])
