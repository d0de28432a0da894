"""torch.compile."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..usage_error import UsageError
from .is_out_of_memory import is_out_of_memory


class CompiledNetwork(nn.Module):
    """Run a network through ``torch.compile``; it is compiled once for one image and once for several.

    Axes must be known to be multiples of the stride, or the compiler fails on the network's halvings. So images are
    handed to it in blocks of ``stride`` voxels, whose number may vary, as a view.

    ``forward``: images ``(b, c, ...)`` -> the network's output. ``_orig_mod`` is the network as it was.

    Parameters
    ----------
    stride : the spatial axes are multiples of it, or as they were at the first call where it is None.

    Raises
    ------
    UsageError
        There is no C++ compiler for the CPU's code.
    """

    def __init__(self, network: nn.Module, *, stride: int | None) -> None:
        super().__init__()
        _check_compiler()
        self._orig_mod = network
        self._stride = stride
        self._compiled = torch.compile(network if stride is None else _OfBlocks(network, stride))

    def forward(self, images: Tensor) -> Tensor:
        """Return the network's output."""
        given = images if self._stride is None else _in_blocks(images, self._stride)
        answer: Tensor = self._compiled(given)
        return answer

    def warm_up(self, image_shape: Sequence[int], device: torch.device, dtype: torch.dtype) -> None:
        """Compile for one image, so that what is missing shows before the first case.

        Raises
        ------
        UsageError
            It cannot be compiled here.
        """
        image = torch.zeros(1, *image_shape, device=device, dtype=dtype)
        try:
            with torch.no_grad(), torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
                self(image)
        except Exception as error:  # the compiler's exceptions are those of many tools
            if is_out_of_memory(error):
                raise
            raise UsageError(
                f"torch.compile fails here ({type(error).__name__}): it needs a C++ compiler and Python's headers. "
                "Give another backend."
            ) from error


class _OfBlocks(nn.Module):
    """The network, of images in blocks ``(b, c, n, stride, n, stride, ...)``."""

    def __init__(self, network: nn.Module, stride: int) -> None:
        super().__init__()
        self.network, self.stride = network, stride

    def forward(self, blocks: Tensor) -> Tensor:
        whole = [n * self.stride for n in blocks.shape[2::2]]
        answer: Tensor = self.network(blocks.reshape(blocks.shape[0], blocks.shape[1], *whole))
        return answer


def _in_blocks(images: Tensor, stride: int) -> Tensor:
    blocks = [n for length in images.shape[2:] for n in (length // stride, stride)]
    view = images.reshape(*images.shape[:2], *blocks)
    for axis in range(2, view.ndim, 2):
        torch._dynamo.mark_dynamic(view, axis)
    return view


def _check_compiler() -> None:
    compiler = os.environ.get("CXX", "clang++" if sys.platform == "darwin" else "g++")
    if shutil.which(compiler) is None:
        raise UsageError(f"The backend torch-compile needs a C++ compiler; {compiler} was not found (CXX names one).")
