"""The inferer of many pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from monai.inferers.inferer import Inferer
from torch import Tensor

from ..backends.is_out_of_memory import is_out_of_memory


class InBatches(Inferer):  # type: ignore[misc]  # MONAI ships no types
    """Take pictures through another inferer, a few at a time, so that memory does not follow the length of a series.

    Where memory is short, half as many go at once, and half of those again, down to one.

    Parameters
    ----------
    inferer : called with each batch and the network.
    batch_size : pictures at a time.
    """

    def __init__(self, inferer: Callable[..., Tensor], batch_size: int = 16) -> None:
        super().__init__()
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, found {batch_size}")
        self.inferer = inferer
        self.batch_size = int(batch_size)

    def __call__(self, inputs: Tensor, network: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
        """``(b, c, h, w)`` -> the network's output for all of it, on the CPU."""

        def through(some: Tensor) -> list[Tensor]:
            try:
                return [self.inferer(some, network, *args, **kwargs).float().cpu()]
            except Exception as error:
                if len(some) == 1 or not is_out_of_memory(error):
                    raise
            return [answer for half in some.chunk(2) for answer in through(half)]  # the failed call's memory is free

        with torch.no_grad():
            return torch.cat([answer for part in torch.split(inputs, self.batch_size) for answer in through(part)])
