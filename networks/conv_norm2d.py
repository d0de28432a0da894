"""A 2D convolution with its batch norm and ReLU6."""

from __future__ import annotations

from torch import nn


class ConvNorm2d(nn.Sequential):
    """Convolution (same padding), batch norm, ReLU6: ``(b, in, h, w)`` -> ``(b, out, h/stride, w/stride)``.

    ReLU6 as MobileNetV2 has it: activations keep their precision in half the bits.
    """

    def __init__(
        self, in_channels: int, out_channels: int, *, kernel_size: int = 3, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels,
                out_channels,
                kernel_size,
                stride=stride,
                padding=kernel_size // 2,
                groups=groups,
                bias=False,
            ),
            nn.BatchNorm2d(out_channels),
            nn.ReLU6(inplace=True),
        )
