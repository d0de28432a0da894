"""The residual block all stages are made of."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """Two 3x3x3 convolutions with batch norm and a shortcut (He et al. 2016, basic block), in three dimensions.

    Batch norm is used because it folds into the convolutions and, unlike instance norm, does not make the answer for
    one nodule depend on how much of the scan lies in the window. Sums and ReLU are in place: fresh memory costs a CPU
    as much as the arithmetic.

    ``forward``: ``(b, in_channels, d, h, w)`` -> ``(b, out_channels, d/stride, h/stride, w/stride)``.
    """

    def __init__(self, in_channels: int, out_channels: int, *, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm3d(out_channels)
        self.conv2 = nn.Conv3d(out_channels, out_channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm3d(out_channels)
        same = in_channels == out_channels and stride == 1
        self.shortcut: nn.Module = nn.Identity() if same else _projection(in_channels, out_channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Return the transformed features."""
        y = torch.relu_(self.norm1(self.conv1(x)))
        return torch.relu_(self.norm2(self.conv2(y)).add_(self.shortcut(x)))


def _projection(in_channels: int, out_channels: int, stride: int) -> nn.Sequential:
    pool: nn.Module = nn.AvgPool3d(stride) if stride > 1 else nn.Identity()
    return nn.Sequential(pool, nn.Conv3d(in_channels, out_channels, 1, bias=False), nn.BatchNorm3d(out_channels))
