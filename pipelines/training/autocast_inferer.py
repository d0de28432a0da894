"""One forward pass in half precision where the processor is quick at it."""

from __future__ import annotations

from typing import Any

import torch
from monai.inferers import Inferer
from torch import Tensor, nn

from ..inference.precision import cuda_computes_in_bfloat16

# voxels a side: at stride 16 two are left, and the gradient that oneDNN gives for the weights of a 3x3x3 convolution
# in bfloat16 there is not finite now and then (torch 2.13.0 on AVX512_BF16; three voxels and more are right)
SMALL_PATCH = 32
_FORMATS = {4: torch.channels_last, 5: torch.channels_last_3d}  # of images, of volumes
_PRECISIONS = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": None}


class AutocastInferer(Inferer):  # type: ignore[misc]  # MONAI ships no types
    """Run the network under autocast on the input's device, and return float32.

    MONAI's own mixed precision is CUDA only; bfloat16 needs no gradient scaler and works on both. On a CPU, images and
    patches of up to 32 pixels a side are computed in float32.

    Parameters
    ----------
    enabled : False for float32 everywhere.
    precision : bfloat16, float16 (on CUDA only; the trainer must scale the loss, ``amp: true``) or float32.

    Raises
    ------
    ValueError
        ``precision`` is none of these, float16 is asked for on another device than CUDA, or bfloat16 on a GPU that
        does not compute in it.
    """

    def __init__(self, *, enabled: bool = True, precision: str = "bfloat16") -> None:
        super().__init__()
        if precision not in _PRECISIONS:
            raise ValueError(f"precision must be one of {', '.join(_PRECISIONS)}, found {precision}")
        self.dtype = _PRECISIONS[precision]
        self.enabled = enabled and self.dtype is not None

    def __call__(self, inputs: Tensor, network: nn.Module, *args: Any, **kwargs: Any) -> Tensor:
        """Return ``network(inputs)`` as float32."""
        kind = inputs.device.type
        if self.dtype is torch.float16 and kind != "cuda":
            raise ValueError(f"float16 is for CUDA, found {kind}; take --precision bfloat16 or float32")
        in_bfloat16 = self.enabled and self.dtype is torch.bfloat16
        if in_bfloat16 and kind == "cuda" and not cuda_computes_in_bfloat16(inputs.device):
            raise ValueError("this GPU does not compute in bfloat16; take --precision float16 or float32")
        enabled = self.enabled and (kind != "cpu" or min(inputs.shape[2:]) > SMALL_PATCH)
        with torch.autocast(kind, self.dtype or torch.bfloat16, enabled=enabled):
            packed: Tensor = network(inputs.to(memory_format=_FORMATS[inputs.ndim]))
        return packed.float()
