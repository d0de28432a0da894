"""The decoder that outlines lesions in an image."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from .conv_norm2d import ConvNorm2d


class EMTDecoder(nn.Module):
    """Bring the top features down to stride 2 by sums with the encoder's (a feature pyramid, Lin et al. 2017).

    Stride 2 has half the width: three quarters of the cost would lie there.

    ``forward``: features at strides 2, 4, 8, 16 and the top ones at 32 -> ``(b, width, h/4, w/4)`` and
    ``(b, width/2, h/2, w/2)``.
    """

    def __init__(self, skip_widths: Sequence[int], top_width: int, *, width: int) -> None:
        super().__init__()
        fine_width = width // 2
        self.top = ConvNorm2d(top_width, width, kernel_size=1)
        self.lateral16 = ConvNorm2d(skip_widths[3], width, kernel_size=1)
        self.lateral8 = ConvNorm2d(skip_widths[2], width, kernel_size=1)
        self.lateral4 = ConvNorm2d(skip_widths[1], width, kernel_size=1)
        self.lateral2 = ConvNorm2d(skip_widths[0], fine_width, kernel_size=1)
        self.smooth16 = ConvNorm2d(width, width)
        self.smooth8 = ConvNorm2d(width, width)
        self.smooth4 = ConvNorm2d(width, width)
        self.narrow = ConvNorm2d(width, fine_width, kernel_size=1)
        self.smooth2 = ConvNorm2d(fine_width, fine_width)

    def forward(self, x2: Tensor, x4: Tensor, x8: Tensor, x16: Tensor, top: Tensor) -> tuple[Tensor, Tensor]:
        """Return the features at stride 4 and at stride 2."""
        y16 = self.smooth16(_double(self.top(top)) + self.lateral16(x16))
        y8 = self.smooth8(_double(y16) + self.lateral8(x8))
        y4 = self.smooth4(_double(y8) + self.lateral4(x4))
        return y4, self.smooth2(_double(self.narrow(y4)) + self.lateral2(x2))


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
