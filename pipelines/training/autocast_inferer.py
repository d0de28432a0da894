"""One forward pass in bfloat16 where the processor is quick at it."""

from __future__ import annotations

from typing import Any

import torch
from monai.inferers import Inferer
from torch import Tensor, nn

# voxels a side: at stride 16 two are left, and the gradient that oneDNN gives for the weights of a 3x3x3 convolution
# in bfloat16 there is not finite now and then (torch 2.13.0 on AVX512_BF16; three voxels and more are right)
SMALL_PATCH = 32


class AutocastInferer(Inferer):  # type: ignore[misc]  # MONAI ships no types
    """Run the network under autocast on the input's device, and return float32.

    MONAI's own mixed precision is CUDA only; bfloat16 needs no gradient scaler and works on both. On a CPU, patches of
    up to 32 voxels a side are computed in float32.
    """

    def __init__(self, *, enabled: bool = True) -> None:
        super().__init__()
        self.enabled = enabled

    def __call__(self, inputs: Tensor, network: nn.Module, *args: Any, **kwargs: Any) -> Tensor:
        """Return ``network(inputs)`` as float32."""
        enabled = self.enabled and (inputs.device.type != "cpu" or min(inputs.shape[2:]) > SMALL_PATCH)
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=enabled):
            packed: Tensor = network(inputs.to(memory_format=torch.channels_last_3d))
        return packed.float()
