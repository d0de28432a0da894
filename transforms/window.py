"""From HU to what the network reads."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import torch
from monai.data.meta_tensor import MetaTensor
from monai.transforms.transform import MapTransform

Window = tuple[float, float]


def window_hu(hu: torch.Tensor, windows_hu: Sequence[Window]) -> torch.Tensor:
    """Map HU ``(1, k, j, i)`` to one channel per (low, high) window, linear from 0 to 1 and clipped.

    Returns float32 ``(n_windows, k, j, i)``; a MetaTensor keeps its affine. Raises ValueError for an empty or turned
    window, or more than one channel.
    """
    if not windows_hu or any(high <= low for low, high in windows_hu):
        raise ValueError(f"expected windows as (low, high) with low < high, found {list(windows_hu)}")
    if hu.ndim != 4 or hu.shape[0] != 1:
        raise ValueError(f"expected one channel (1, k, j, i), found shape {tuple(hu.shape)}")
    values = hu.as_tensor() if isinstance(hu, MetaTensor) else hu
    channels = torch.empty((len(windows_hu), *hu.shape[1:]), dtype=torch.float32, device=hu.device)
    for channel, (low, high) in zip(channels, windows_hu, strict=True):
        channel.copy_(values[0]).sub_(low).div_(high - low).clamp_(0.0, 1.0)
    return MetaTensor(channels, affine=hu.affine) if isinstance(hu, MetaTensor) else channels


def unwindow(values: torch.Tensor, window: Window) -> torch.Tensor:
    """Map [0, 1] back to HU: the inverse of one window, where it did not clip."""
    low, high = window
    return values * (high - low) + low


class WindowHUd(MapTransform):  # type: ignore[misc]  # MONAI ships no types
    """Dictionary form of :func:`window_hu`: HU ``(1, k, j, i)`` to ``(n_windows, k, j, i)`` in [0, 1]."""

    def __init__(
        self,
        keys: Hashable | Sequence[Hashable],
        windows_hu: Sequence[Window] = ((-1000, 200), (-200, 600)),
        allow_missing_keys: bool = False,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.windows_hu = tuple((float(low), float(high)) for low, high in windows_hu)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Return a copy of ``data`` with its keys windowed."""
        return {**data, **{key: window_hu(data[key], self.windows_hu) for key in self.key_iterator(dict(data))}}
