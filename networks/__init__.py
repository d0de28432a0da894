"""The networks and their parts."""

from .packing import HeadMaps, pack, unpack
from .resmtnet import ResMTNet

__all__ = ["HeadMaps", "ResMTNet", "pack", "unpack"]
