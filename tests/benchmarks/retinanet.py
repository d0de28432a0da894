"""MONAI's RetinaNet as its public bundle lung_nodule_ct_detection builds it, with random weights."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from unittest.mock import patch

import torch
from monai.apps.detection.networks import retinanet_network
from monai.networks.blocks import backbone_fpn_utils
from monai.networks.nets import resnet
from sliding_windows import SIZE_DIVISIBLE
from torch import Tensor, nn

CONV1_STRIDE = (2, 2, 1)
RETURNED_LAYERS = (1, 2)
ALL_LAYERS_TRAIN = 5


def lung_nodule_retinanet() -> nn.Module:
    """Build it: ResNet-50 with a feature pyramid in 3D, one class, three anchors; in evaluation mode.

    Two names of torchvision are needed while it is built. Torchvision may be missing, so stand-ins take their place
    meanwhile; the network that comes out is MONAI's.
    """
    stand_in = SimpleNamespace(_utils=SimpleNamespace(IntermediateLayerGetter=_FirstLayers))
    with (
        patch.object(backbone_fpn_utils, "torchvision_models", stand_in),
        patch.object(retinanet_network, "_validate_trainable_layers", lambda *_, **__: ALL_LAYERS_TRAIN),
    ):
        backbone = resnet.resnet50(
            spatial_dims=3, n_input_channels=1, conv1_t_stride=list(CONV1_STRIDE), conv1_t_size=[7, 7, 7]
        )
        features = retinanet_network.resnet_fpn_feature_extractor(backbone, 3, False, list(RETURNED_LAYERS), None)
        network: nn.Module = retinanet_network.RetinaNet(
            spatial_dims=3, num_classes=1, num_anchors=3, feature_extractor=features, size_divisible=SIZE_DIVISIBLE
        )
    return network.eval()


def at_its_best(network: nn.Module, dtype: torch.dtype) -> nn.Module:
    """Turn it into what ran fastest of the forms tried on a CPU.

    float32: as it is; channels-last took a fifth longer. bfloat16: weights too, channels-last; autocast took longer.
    """
    if dtype == torch.float32:
        return network
    return network.to(dtype).to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload, no-any-return]


class _FirstLayers(nn.Module):
    """Run the children of a backbone in their order, up to the last layer that is asked for, and give those layers."""

    def __init__(self, backbone: nn.Module, return_layers: Mapping[str, str]) -> None:
        super().__init__()
        self._returned = dict(return_layers)
        missing = set(self._returned)
        for name, child in backbone.named_children():
            if not missing:
                break
            self.add_module(name, child)
            missing.discard(name)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        layers = {}
        for name, child in self.named_children():
            x = child(x)
            if name in self._returned:
                layers[self._returned[name]] = x
        return layers
