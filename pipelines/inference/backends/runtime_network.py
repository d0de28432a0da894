"""A network that another engine than torch computes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

FloatArray = npt.NDArray[np.float32]
Compute = Callable[[FloatArray], FloatArray]
"""Images ``(b, c, ...)`` to what the network says of them."""


class RuntimeNetwork(nn.Module):
    """Hand images to another engine, and give back what it says; it has no parameters that torch could move or train.

    ``forward``: images ``(b, c, ...)``, any format and device -> the network's output, float32, on the same device.

    Parameters
    ----------
    compute : the engine, with the network.
    precision : float32 or bfloat16: what it computes in.
    """

    def __init__(self, compute: Compute, precision: str = "float32") -> None:
        super().__init__()
        self._compute = compute
        self.precision = precision

    def forward(self, images: Tensor) -> Tensor:
        """Return the network's output."""
        given = images.detach().to("cpu", torch.float32).contiguous().numpy()
        return torch.from_numpy(self._compute(given)).to(images.device)
