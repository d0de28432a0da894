"""One forward pass in bfloat16 where the processor is quick at it."""

from __future__ import annotations

from typing import Any

import torch
from monai.inferers import Inferer
from torch import Tensor, nn


class AutocastInferer(Inferer):  # type: ignore[misc]  # MONAI ships no types
    """Run the network under autocast on the input's device, and return float32.

    MONAI's own mixed precision is CUDA only; bfloat16 needs no gradient scaler and works on both.
    """

    def __init__(self, *, enabled: bool = True) -> None:
        super().__init__()
        self.enabled = enabled

    def __call__(self, inputs: Tensor, network: nn.Module, *args: Any, **kwargs: Any) -> Tensor:
        """Return ``network(inputs)`` as float32."""
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=self.enabled):
            packed: Tensor = network(inputs.to(memory_format=torch.channels_last_3d))
        return packed.float()
