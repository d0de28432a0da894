"""The networks and their parts."""

from .emtnet import EMTNet
from .fusion_packing import FusionHeads, split_fusion
from .load_imagenet import load_imagenet
from .mobilenet_v2 import MobileNetV2
from .packing import HeadMaps, pack, unpack
from .resmtnet import ResMTNet
from .resmtnet_fusion import ResMTNetFusion
from .split_emt import split_emt

__all__ = [
    "EMTNet",
    "FusionHeads",
    "HeadMaps",
    "MobileNetV2",
    "ResMTNet",
    "ResMTNetFusion",
    "load_imagenet",
    "pack",
    "split_emt",
    "split_fusion",
    "unpack",
]
