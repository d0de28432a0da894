"""The top-down residual decoder."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from .conv_norm import ConvNorm


class Decoder(nn.Module):
    """Bring the coarse context down to stride 4 (detection) and stride 2 (segmentation) by residual sums.

    A feature pyramid (Lin et al. 2017) with nearest upsampling: each level is its encoder features, projected, plus the
    level above.

    ``coarse``: features at strides 4, 8, 16 -> ``(b, width, d/4, ...)``; ``fine``: features at stride 2, and those ->
    ``(b, fine_width, d/2, ...)``.
    """

    def __init__(self, widths: Sequence[int], *, width: int, fine_width: int) -> None:
        super().__init__()
        self.lateral16 = ConvNorm(widths[3], width, kernel_size=1)
        self.lateral8 = ConvNorm(widths[2], width, kernel_size=1)
        self.lateral4 = ConvNorm(widths[1], width, kernel_size=1)
        self.lateral2 = ConvNorm(widths[0], fine_width, kernel_size=1)
        self.smooth8 = ConvNorm(width, width)
        self.smooth4 = ConvNorm(width, width)
        self.narrow = ConvNorm(width, fine_width, kernel_size=1)
        self.smooth2 = ConvNorm(fine_width, fine_width)

    def coarse(self, x4: Tensor, x8: Tensor, x16: Tensor) -> Tensor:
        """Return the features for detection, at stride 4."""
        y8 = self.smooth8(_double(self.lateral16(x16)).add_(self.lateral8(x8)))
        y4: Tensor = self.smooth4(_double(y8).add_(self.lateral4(x4)))
        return y4

    def fine(self, x2: Tensor, y4: Tensor) -> Tensor:
        """Return the features for segmentation, at stride 2, from those of the encoder and those for detection."""
        y2: Tensor = self.smooth2(_double(self.narrow(y4)).add_(self.lateral2(x2)))
        return y2


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")
