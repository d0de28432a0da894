"""An image as a square, whatever its shape was."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import torch
from monai.data.meta_tensor import MetaTensor
from monai.transforms.transform import MapTransform
from monai.utils.misc import ensure_tuple_rep
from torch import Tensor, nn

_MODES = ("bilinear", "area", "nearest")


def square(image: Tensor, size: int, *, mode: str = "bilinear") -> Tensor:
    """Resize an image ``(c, rows, columns)`` to ``(c, size, size)``, float32; its aspect is lost.

    All images become alike in shape, so that the aspect, which in some data sets tells of the class, does not reach the
    network. MONAI's own ``Resize`` smooths with a Gaussian before it shrinks, whatever the factor, and its area mode
    repeats pixels where it enlarges.

    Parameters
    ----------
    mode : bilinear, which averages over what a new pixel covers where it shrinks; area, the mean of the pixels that a
        new one touches; nearest, for label numbers.

    Raises
    ------
    ValueError
        The image has another number of axes or no pixel, or the mode is another.
    """
    if image.ndim != 3 or 0 in image.shape:
        raise ValueError(f"expected an image (channels, rows, columns), found shape {tuple(image.shape)}")
    if mode not in _MODES or size < 1:
        raise ValueError(f"expected a mode of {', '.join(_MODES)} and a size of at least 1, found {mode}, {size}")
    values = (image.as_tensor() if isinstance(image, MetaTensor) else image)[None].float()
    if mode == "bilinear":
        return nn.functional.interpolate(values, (size, size), mode=mode, antialias=True)[0]
    return nn.functional.interpolate(values, (size, size), mode="nearest-exact" if mode == "nearest" else mode)[0]


def square_with_detail(image: Tensor, size: int, detail_size: int) -> Tensor:
    """Resize a grey image ``(1, rows, columns)`` to ``(2, size, size)``: the mean, and what the mean takes away.

    The image is brought to ``detail_size`` a side; the second channel is the standard deviation within what becomes one
    pixel. Grain, edges and fine lines that a small picture does not show stay known by their strength.

    Raises
    ------
    ValueError
        As :func:`square`, or ``detail_size`` is not above ``size``.
    """
    if detail_size <= size:
        raise ValueError(f"expected a detail_size above size ({size}), found {detail_size}")
    fine = square(image, detail_size)
    mean, power = (square(values, size, mode="area") for values in (fine, fine**2))
    return torch.cat([mean, (power - mean**2).clamp(min=0).sqrt()])


class Squared(MapTransform):  # type: ignore[misc]  # MONAI ships no types
    """Dictionary form of :func:`square` and :func:`square_with_detail`; the result is a plain tensor.

    Parameters
    ----------
    size : pixels a side.
    modes : one for all keys, or one for each; ``detail`` for :func:`square_with_detail`.
    detail_size : of the latter.
    """

    def __init__(
        self,
        keys: Hashable | Sequence[Hashable],
        size: int,
        modes: str | Sequence[str] = "bilinear",
        *,
        detail_size: int = 256,
        allow_missing_keys: bool = False,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.size, self.detail_size = int(size), int(detail_size)
        self.modes = ensure_tuple_rep(modes, len(self.keys))

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Return a copy of ``data`` with its keys resized."""
        modes = dict(zip(self.keys, self.modes, strict=True))
        there = list(self.key_iterator(dict(data)))
        return {**data, **{key: self._square(torch.as_tensor(data[key]), modes[key]) for key in there}}

    def _square(self, image: Tensor, mode: str) -> Tensor:
        if mode == "detail":
            return square_with_detail(image, self.size, self.detail_size)
        return square(image, self.size, mode=mode)
