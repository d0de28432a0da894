"""From grey values to what the network reads."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import torch
from monai.data.meta_tensor import MetaTensor
from monai.transforms.transform import MapTransform
from torch import Tensor, nn

Tone = Sequence[float]
"""Gain and exponent."""

_TONES = ((1.0, 1.0), (1.0, 0.5), (6.0, 1.0))


def grey_channels(
    grey: Tensor,
    *,
    mean: float | Sequence[float],
    std: float | Sequence[float],
    tones: Sequence[Tone] = _TONES,
    smooth: int = 1,
    detail_gain: float | None = None,
) -> Tensor:
    """Map a grey image ``(1, rows, columns)``, 0 to 1, to one channel per tone: float32 ``(tones, rows, columns)``.

    A channel is ``(clip(gain * grey, 0, 1) ** exponent - mean) / std``: the dark tissue of a picture that was made for
    the eye gets channels of its own, as windows do for HU.

    Parameters
    ----------
    mean, std : of all channels, or one for each.
    tones : (gain, exponent) of each channel.
    smooth : pixels (odd) a side of the mean that is taken first; 1: none.
    detail_gain : of a second channel of the image (:func:`.square.square_with_detail`), which becomes the last of the
        result, ``(clip(detail_gain * detail, 0, 1) - mean) / std``; None: the image has one channel.

    Raises
    ------
    ValueError
        The image has another shape, or a number is out of range.
    """
    given = 1 if detail_gain is None else 2
    if grey.ndim != 3 or grey.shape[0] != given:
        raise ValueError(f"expected an image ({given}, rows, columns), found shape {tuple(grey.shape)}")
    means, stds = (_each(value, len(tones) + given - 1) for value in (mean, std))
    if not tones or any(len(tone) != 2 or min(tone) <= 0 for tone in tones) or min(stds) <= 0:
        raise ValueError(f"expected tones (gain, exponent) and std above 0, found {list(tones)}, {stds}")
    if smooth < 1 or smooth % 2 == 0:
        raise ValueError(f"smooth must be an odd number of pixels, found {smooth}")
    image = (grey.as_tensor() if isinstance(grey, MetaTensor) else grey).float()
    values = image[:1]
    if smooth > 1:
        edged = nn.functional.pad(values[None], (smooth // 2,) * 4, mode="replicate")
        values = nn.functional.avg_pool2d(edged, smooth, stride=1)[0]
    toned = [(gain * values).clamp(0, 1) ** exponent for gain, exponent in tones]
    if detail_gain is not None:
        toned.append((detail_gain * image[1:]).clamp(0, 1))
    return torch.cat([(value - m) / s for value, m, s in zip(toned, means, stds, strict=True)])


def _each(value: float | Sequence[float], n: int) -> tuple[float, ...]:
    values = tuple(float(v) for v in value) if isinstance(value, Sequence) else (float(value),) * n
    if len(values) != n:
        raise ValueError(f"expected one mean and one std, or {n} (one per channel), found {len(values)}")
    return values


class GreyChannelsd(MapTransform):  # type: ignore[misc]  # MONAI ships no types
    """Dictionary form of :func:`grey_channels`; the result is a plain tensor."""

    def __init__(
        self,
        keys: Hashable | Sequence[Hashable],
        tones: Sequence[Tone] = _TONES,
        *,
        mean: float | Sequence[float],
        std: float | Sequence[float],
        smooth: int = 1,
        detail_gain: float | None = None,
        allow_missing_keys: bool = False,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.tones, self.mean, self.std, self.smooth, self.detail_gain = tones, mean, std, smooth, detail_gain

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Return a copy of ``data`` with its keys toned."""
        how: dict[str, Any] = {"mean": self.mean, "std": self.std, "tones": self.tones, "smooth": self.smooth}
        how["detail_gain"] = self.detail_gain
        there = list(self.key_iterator(dict(data)))
        return {**data, **{key: grey_channels(torch.as_tensor(data[key]), **how) for key in there}}
