"""Where the weights of a 2D network start."""

from __future__ import annotations

from torch import nn


def init_2d(network: nn.Module) -> None:
    """Draw convolutions and dense layers for ReLU (He et al. 2015, fan-in), and put batch norms to 1 and 0.

    Fan-in, because a depthwise convolution's fan-out, as torch counts it, is too large by the number of channels.
    """
    for part in network.modules():
        if isinstance(part, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(part.weight)
        elif isinstance(part, nn.BatchNorm2d):
            nn.init.ones_(part.weight)
        bias = getattr(part, "bias", None)
        if bias is not None:
            nn.init.zeros_(bias)
