"""Memory that a worker can fill: nameless, and gone with the last array that shows it."""

from __future__ import annotations

import math
import mmap
import os
import tempfile
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt


class SharedMemory:
    """Zeros that another process may map, for as long as a ``with`` block lasts; arrays made of it live on.

    Pages that are never written take no memory, so it may be asked for generously.
    """

    def __init__(self, size: int) -> None:
        self.descriptor = _nameless_file()
        try:
            os.ftruncate(self.descriptor, size)
            self._map = mmap.mmap(self.descriptor, size)
        except BaseException:
            os.close(self.descriptor)
            raise

    def array(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """Show the start of the memory as an array."""
        return np.frombuffer(self._map, dtype, math.prod(shape)).reshape(shape)

    def __enter__(self) -> SharedMemory:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.descriptor)


def _nameless_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("resmtnet", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as file:  # unlinked from the start
        return os.dup(file.fileno())
