"""Where the weights of a 2D network start."""

from __future__ import annotations

from torch import nn

_DENSE_SD = 0.02


def init_2d(network: nn.Module) -> None:
    """Draw convolutions for ReLU (He et al. 2015, fan-out) and dense layers narrowly; put batch norms to 1 and 0.

    Batch norm makes the scale of a convolution's weights indifferent to what it computes, but not to how fast Adam
    changes it, by steps of one size. Drawn by their fan-in, depthwise weights are 6 to 31 times as large: 40 epochs
    later EMTNet took each of the 22 normal images of a BUSI fold for benign, and by fan-out none.
    """
    for part in network.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, mode="fan_out")
        elif isinstance(part, nn.Linear):
            nn.init.normal_(part.weight, std=_DENSE_SD)
        elif isinstance(part, nn.BatchNorm2d):
            nn.init.ones_(part.weight)
        bias = getattr(part, "bias", None)
        if bias is not None:
            nn.init.zeros_(bias)
