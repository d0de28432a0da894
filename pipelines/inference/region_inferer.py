"""The inferer of whole regions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from monai.inferers import Inferer
from torch import Tensor

from .precision import inference_dtype
from .slabs import plan_slabs

_NETWORK_STRIDE = 16
"""Slabs start at multiples of the coarsest stride, so that every lattice of the network stays where it was."""


class RegionInferer(Inferer):  # type: ignore[misc]  # MONAI ships no types
    """Run the network over the whole region in one pass, or in a few slabs along k where the region is too large.

    Overlapping windows cost two to five times the voxels of one pass. A slab is as large as ``max_voxels`` allows, sees
    ``halo`` more slices on either side than it answers for, and is cut down to its core at once, so that memory follows
    the slab and not the scan. ``network`` must be fully convolutional, with input divisible by 16.

    Parameters
    ----------
    max_voxels : the largest number of voxels that goes through the network at once.
    halo : slices of context around a slab's core; a multiple of 16.
    precision : ``auto`` (bfloat16 where the processor computes in it, else float32), ``float32`` or ``bfloat16``.
    """

    def __init__(self, *, max_voxels: int = 24_000_000, halo: int = 32, precision: str = "auto") -> None:
        super().__init__()
        if halo % _NETWORK_STRIDE:
            raise ValueError(f"halo must be a multiple of {_NETWORK_STRIDE}, found {halo}")
        if precision not in ("auto", "float32", "bfloat16"):
            raise ValueError(f"precision is auto, float32 or bfloat16, found {precision!r}")
        self.max_voxels = max_voxels
        self.halo = halo
        self.precision = precision

    def __call__(self, inputs: Tensor, network: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
        """``(b, c, d, h, w)`` -> the network's output for the whole of it, on the CPU."""
        image = inputs.as_tensor() if hasattr(inputs, "as_tensor") else inputs
        dtype = inference_dtype(self.precision, image.device)
        cores = []
        with torch.no_grad(), torch.autocast(image.device.type, dtype, enabled=dtype != torch.float32):
            for slab in plan_slabs(image.shape[2:], self.max_voxels, halo=self.halo, step=_NETWORK_STRIDE):
                output = network(image[:, :, slab.start : slab.stop].to(dtype), *args, **kwargs)
                cores.append(slab.core_of(output).cpu())
        return torch.cat(cores, dim=2)
