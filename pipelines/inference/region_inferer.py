"""The inferer of whole regions."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import torch
from monai.inferers import Inferer
from torch import Tensor, nn

from .backends.is_out_of_memory import is_out_of_memory
from .backends.room import Cutting, Room, less_room, remarks
from .backends.runtime_network import RuntimeNetwork
from .precision import inference_dtype
from .slabs import plan_slabs

_NETWORK_STRIDE = 16
"""Slabs start at multiples of the coarsest stride, so that every lattice of the network stays where it was."""
_LEAST_VOXELS = 2_000_000
"""Less than half a gigabyte of memory: a machine that has not even that does not get through a scan."""


class RegionInferer(Inferer):  # type: ignore[misc]  # MONAI ships no types
    """Run the network over the whole region in one pass, or in a few slabs along k where the region is too large.

    Overlapping windows cost two to five times the voxels of one pass. A slab is as large as ``max_voxels`` allows, sees
    ``halo`` more slices on either side than it answers for, and is cut down to its core at once, so that memory follows
    the slab and not the scan. ``network`` must be fully convolutional, with input divisible by 16. The input stays
    where it is; each slab is taken to the device that holds the network's weights.

    Where memory is short, smaller slabs are tried, then the CPU (:func:`.less_room`), and kept to until
    :meth:`new_case`; ``remarks`` says so. Where the system kills a process for want of memory, nothing can be caught.

    Parameters
    ----------
    max_voxels : the largest number of voxels that goes through the network at once.
    halo : slices of context around a slab's core; a multiple of 16.
    precision : ``auto`` (bfloat16 where the processor computes in it, else float32), ``float32`` or ``bfloat16``. A
        :class:`.RuntimeNetwork` has its own.
    least_voxels : smaller slabs are not tried.
    """

    def __init__(
        self,
        *,
        max_voxels: int = 24_000_000,
        halo: int = 32,
        precision: str = "auto",
        least_voxels: int = _LEAST_VOXELS,
    ) -> None:
        super().__init__()
        if halo % _NETWORK_STRIDE:
            raise ValueError(f"halo must be a multiple of {_NETWORK_STRIDE}, found {halo}")
        if precision not in ("auto", "float32", "bfloat16"):
            raise ValueError(f"precision is auto, float32 or bfloat16, found {precision!r}")
        self.max_voxels = max_voxels
        self.halo = halo
        self.precision = precision
        self._cutting = Cutting(max_voxels, least_voxels, halo, _NETWORK_STRIDE)
        self._room = Room(max_voxels)
        self._moved: tuple[nn.Module, torch.device] | None = None  # a network on the CPU, and where it belongs

    @property
    def remarks(self) -> Mapping[str, str]:
        """What was done for want of memory since the case began: code -> note."""
        return remarks(self._room, self.max_voxels)

    def new_case(self) -> None:
        """Start with all the room again, on the device if the network finds room there."""
        self._room = Room(self.max_voxels)
        if self._moved is None:
            return
        network, device = self._moved
        try:
            network.to(device)
            self._moved = None
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            network.to("cpu")  # some of it may have got there
            self._room = Room(self.max_voxels, on_cpu=True)

    def __call__(self, inputs: Tensor, network: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
        """``(b, c, d, h, w)`` -> the network's output for the whole of it, on the CPU."""
        image = inputs.as_tensor() if hasattr(inputs, "as_tensor") else inputs
        device = _device_of(network, image)
        while True:
            try:
                return self._through(image, network, *args, **kwargs)
            except Exception as error:
                room = less_room(self._room, image.shape, self._cutting, movable=_movable(network, device))
                if room is None or not is_out_of_memory(error):
                    raise
            self._make_do_with(room, network, device)  # out here the failed call's tensors are gone

    def _through(self, image: Tensor, network: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
        if self._room.one_by_one and image.shape[0] > 1:
            return torch.cat([self._through(one, network, *args, **kwargs) for one in torch.split(image, 1)])
        if self._room.on_cpu:
            network = getattr(network, "_orig_mod", network)  # what was compiled was for the device
        device, dtype = _device_of(network, image), torch.float32
        if not isinstance(network, RuntimeNetwork):
            dtype = inference_dtype(self.precision, device)
        cores = []
        half = nullcontext() if dtype == torch.float32 else torch.autocast(device.type, dtype)
        with torch.no_grad(), half:
            for slab in plan_slabs(image.shape[2:], self._room.max_voxels, halo=self.halo, step=_NETWORK_STRIDE):
                output = network(image[:, :, slab.start : slab.stop].to(device, dtype), *args, **kwargs)
                cores.append(slab.core_of(output).cpu())
        return torch.cat(cores, dim=2)

    def _make_do_with(self, room: Room, network: Callable[..., Tensor], device: torch.device) -> None:
        gc.collect()
        if device.type == "cuda":
            torch.cuda.empty_cache()
        if room.on_cpu and self._moved is None and isinstance(network, nn.Module):
            network.to("cpu")
            self._moved = network, device
        self._room = room


def _device_of(network: object, image: Tensor) -> torch.device:
    """Where the weights are; what has none computes where the image is."""
    weights = network.parameters() if isinstance(network, nn.Module) else iter(())
    return next((weight.device for weight in weights), image.device)


def _movable(network: object, device: torch.device) -> bool:
    return device.type != "cpu" and isinstance(network, nn.Module) and not isinstance(network, RuntimeNetwork)
