"""EMTNet: outline the lesion of an ultrasound image and say its class."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .class_head import ClassHead
from .emt_decoder import EMTDecoder
from .init_2d import init_2d
from .mobilenet_features import MobileNetFeatures

_PRIOR = 0.1
"""Share of lesion pixels before any evidence: keeps the first steps from being all about the background."""


class EMTNet(nn.Module):
    """A light network with two tasks, class and outline, in the spirit of EMT-NET (arXiv 2201.04795).

    The paper's encoder is a light one and its segmentation makes the features look at the lesion; its layers are not
    known to us, so nothing here claims to reproduce them. Ours: MobileNetV2, a feature pyramid, a class head on the
    pooled top features beside the decoder's features pooled over the predicted mask (through which no gradient flows:
    the class must not bend the outline).

    ``forward``: ``(b, in_channels, h, w)``, h and w divisible by 32 -> packed ``(b, 1 + classes, h, w)``: logits of the
    mask, then those of the classes, the same at every pixel; see :func:`resmtnet.networks.split_emt`.

    Parameters
    ----------
    classes, in_channels : of the answer and of the image.
    width : channels of the decoder, even.
    hidden, dropout : of the class head.
    """

    def __init__(
        self, classes: int = 3, in_channels: int = 3, *, width: int = 64, hidden: int = 128, dropout: float = 0.3
    ) -> None:
        super().__init__()
        self.features = MobileNetFeatures(in_channels)
        self.skips = MobileNetFeatures.SKIPS
        self.decoder = EMTDecoder(MobileNetFeatures.SKIP_WIDTHS, MobileNetFeatures.WIDTH, width=width)
        self.mask = nn.Conv2d(width // 2, 1, 1)
        self.head = ClassHead(MobileNetFeatures.WIDTH + width, classes, hidden=hidden, dropout=dropout)
        init_2d(self)
        assert self.mask.bias is not None
        nn.init.constant_(self.mask.bias, -math.log(1 / _PRIOR - 1))

    def forward(self, image: Tensor) -> Tensor:
        """Return mask and class logits in one tensor."""
        skips: list[Tensor] = []
        x = image
        for n, layer in enumerate(self.features):
            x = layer(x)
            if n in self.skips:
                skips.append(x)
        y4, y2 = self.decoder(skips[0], skips[1], skips[2], skips[3], x)
        mask2 = self.mask(y2)
        lesion = _mean_over_mask(y4, F.avg_pool2d(torch.sigmoid(mask2.detach()), 2))
        classes = self.head(torch.cat([x.mean((2, 3)), lesion], dim=1))
        mask = F.interpolate(mask2, scale_factor=2.0, mode="bilinear", align_corners=False)
        return torch.cat([mask, classes[:, :, None, None].expand(-1, -1, mask.shape[2], mask.shape[3])], dim=1)


def _mean_over_mask(features: Tensor, weight: Tensor, floor: float = 1e-3) -> Tensor:
    """Mean of ``(b, c, h, w)`` under the weights ``(b, 1, h, w)``; towards 0 where less than ``floor`` is segmented."""
    return (features * weight).mean((2, 3)) / (weight.mean((2, 3)) + floor)
