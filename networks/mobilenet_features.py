"""The convolutions of MobileNetV2."""

from __future__ import annotations

from torch import nn

from .conv_norm2d import ConvNorm2d
from .inverted_residual import InvertedResidual

_STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Expansion, channels, blocks, stride of the first block: Sandler et al. 2018, table 2."""


class MobileNetFeatures(nn.Sequential):
    """MobileNetV2 (arXiv 1801.04381, width 1) without its classifier, in the layout of torchvision's ``features``.

    Why not torchvision's: the project does without it. Why not MONAI's: it has none.

    ``forward``: ``(b, in_channels, h, w)`` -> ``(b, 1280, h/32, w/32)``. The last features at stride 2, 4, 8, 16 come
    from layers :attr:`SKIPS`, with :attr:`SKIP_WIDTHS` channels.
    """

    SKIPS = (1, 3, 6, 13)
    SKIP_WIDTHS = (16, 24, 32, 96)
    WIDTH = 1280

    def __init__(self, in_channels: int = 3) -> None:
        layers: list[nn.Module] = [ConvNorm2d(in_channels, 32, stride=2)]
        width = 32
        for expansion, out_channels, blocks, first in _STAGES:
            for n in range(blocks):
                stride = first if n == 0 else 1
                layers.append(InvertedResidual(width, out_channels, stride=stride, expansion=expansion))
                width = out_channels
        super().__init__(*layers, ConvNorm2d(width, self.WIDTH, kernel_size=1))
