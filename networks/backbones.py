"""MONAI's DenseNet and EfficientNet as extractors of pooled features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

if TYPE_CHECKING:
    from collections.abc import Sequence

_DENSENETS: dict[str, tuple[int, int, Sequence[int]]] = {
    "densenet121": (64, 32, (6, 12, 24, 16)),
    "densenet161": (96, 48, (6, 12, 36, 24)),
    "densenet169": (64, 32, (6, 12, 32, 32)),
    "densenet201": (64, 32, (6, 12, 48, 32)),
}
"""Features of the first convolution, growth rate, layers per block: Huang et al. 2017, table 1."""
_EFFICIENTNETS = tuple(f"efficientnet-b{n}" for n in range(8))


def densenet(name: str, in_channels: int) -> tuple[nn.Module, int]:
    """Build a 2D DenseNet without classifier: ``(b, in_channels, h, w)`` -> ``(b, width)``; return it and its width.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    from monai.networks.nets import DenseNet  # here: it takes seconds to import, and only one bundle needs it

    if name not in _DENSENETS:
        raise ValueError(f"densenet must be one of {', '.join(_DENSENETS)}, found {name}")
    init_features, growth_rate, layers = _DENSENETS[name]
    network = DenseNet(2, in_channels, 1, init_features=init_features, growth_rate=growth_rate, block_config=layers)
    width = network.class_layers.out.in_features
    network.class_layers.out = nn.Identity()
    return network, width


def efficientnet(name: str, in_channels: int) -> tuple[nn.Module, int]:
    """Build a 2D EfficientNet without classifier: ``(b, in_channels, h, w)`` -> ``(b, width)``; with its width.

    Nothing is downloaded.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    from monai.networks.nets import EfficientNetBN

    if name not in _EFFICIENTNETS:
        raise ValueError(f"efficientnet must be one of {', '.join(_EFFICIENTNETS)}, found {name}")
    network = EfficientNetBN(name, pretrained=False, spatial_dims=2, in_channels=in_channels, num_classes=1)
    width = network._fc.in_features
    network._fc, network._dropout = nn.Identity(), nn.Identity()
    network.set_swish(memory_efficient=False)  # the other cannot be scripted
    return network, width
