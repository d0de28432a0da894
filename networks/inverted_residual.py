"""The block MobileNetV2 is made of."""

from __future__ import annotations

from torch import Tensor, nn

from .conv_norm2d import ConvNorm2d


class InvertedResidual(nn.Module):
    """Widen by a 1x1 convolution, filter each channel (3x3), project without activation (Sandler et al. 2018, fig. 4).

    A shortcut joins the narrow ends where shapes agree. Names of the parameters are those of torchvision's block.

    ``forward``: ``(b, in_channels, h, w)`` -> ``(b, out_channels, h/stride, w/stride)``.
    """

    def __init__(self, in_channels: int, out_channels: int, *, stride: int, expansion: int) -> None:
        super().__init__()
        width = in_channels * expansion
        self.shortcut = stride == 1 and in_channels == out_channels
        self.conv = nn.Sequential(
            *([ConvNorm2d(in_channels, width, kernel_size=1)] if expansion != 1 else []),
            ConvNorm2d(width, width, stride=stride, groups=width),
            nn.Conv2d(width, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the transformed features."""
        y: Tensor = self.conv(x)
        return x + y if self.shortcut else y
