"""The shared residual encoder."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from .conv_norm import ConvNorm
from .residual_block import ResidualBlock
from .space_to_depth import space_to_depth


class Encoder(nn.Module):
    """Features at strides 2, 4, 8 and 16 from one image, shared by all tasks.

    The stem moves 2x2x2 voxels into channels, so the first convolution already runs at half resolution: a one-channel
    convolution at full resolution costs a tenth of peak speed and most of the memory.

    ``forward``: ``(b, in_channels, d, h, w)`` -> four tensors ``(b, widths[s], d/2^(s+1), ...)``.
    """

    def __init__(self, in_channels: int, widths: Sequence[int], blocks: Sequence[int]) -> None:
        super().__init__()
        self.stem = ConvNorm(in_channels * 8, widths[0])
        self.stage2 = _stage(widths[0], widths[0], blocks[0], stride=1)
        self.stage4 = _stage(widths[0], widths[1], blocks[1], stride=2)
        self.stage8 = _stage(widths[1], widths[2], blocks[2], stride=2)
        self.stage16 = _stage(widths[2], widths[3], blocks[3], stride=2)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the features at strides 2, 4, 8, 16."""
        x2 = self.stage2(self.stem(space_to_depth(image, 2)))
        x4 = self.stage4(x2)
        x8 = self.stage8(x4)
        return x2, x4, x8, self.stage16(x8)


def _stage(in_channels: int, out_channels: int, blocks: int, *, stride: int) -> nn.Sequential:
    first = ResidualBlock(in_channels, out_channels, stride=stride)
    return nn.Sequential(first, *(ResidualBlock(out_channels, out_channels) for _ in range(blocks - 1)))
