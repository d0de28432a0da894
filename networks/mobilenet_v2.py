"""MobileNetV2 with a head of our own."""

from __future__ import annotations

from torch import Tensor, nn

from .class_head import ClassHead
from .init_2d import init_2d
from .mobilenet_features import MobileNetFeatures


class MobileNetV2(nn.Module):
    """Classify an image: MobileNetV2, global average pool, dense, dropout, dense (arXiv 2501.04996, table 1).

    The paper names the layers of its head, neither widths nor dropout: those are ours. ``features.*`` has torchvision's
    keys and shapes, so its ImageNet weights fit, see :func:`resmtnet.networks.load_imagenet`.

    ``forward``: ``(b, in_channels, h, w)`` -> logits ``(b, classes)``; softmax is the caller's.

    Parameters
    ----------
    classes, in_channels : of the answer and of the image.
    hidden : width between the dense layers.
    dropout : share of it that is left out in training.
    """

    def __init__(self, classes: int = 3, in_channels: int = 3, *, hidden: int = 128, dropout: float = 0.3) -> None:
        super().__init__()
        self.features = MobileNetFeatures(in_channels)
        self.head = ClassHead(MobileNetFeatures.WIDTH, classes, hidden=hidden, dropout=dropout)
        init_2d(self)

    def forward(self, image: Tensor) -> Tensor:
        """Return the logits."""
        logits: Tensor = self.head(self.features(image).mean((2, 3)))
        return logits
