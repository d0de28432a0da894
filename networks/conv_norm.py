"""A convolution with its batch norm and ReLU."""

from __future__ import annotations

from torch import nn


class ConvNorm(nn.Sequential):
    """``kernel_size`` convolution (same padding), batch norm, ReLU: ``(b, in, ...)`` -> ``(b, out, ...)``."""

    def __init__(self, in_channels: int, out_channels: int, *, kernel_size: int = 3) -> None:
        super().__init__(
            nn.Conv3d(in_channels, out_channels, kernel_size, padding=kernel_size // 2, bias=False),
            nn.BatchNorm3d(out_channels),
            nn.ReLU(inplace=True),
        )
