"""Which exceptions say that memory was short."""

from __future__ import annotations

import torch

from ...root_cause import root_cause

_SAID = (
    "can't allocate memory",  # torch's allocator on the CPU (Linux)
    "not enough memory",  # the same elsewhere
    "bad_alloc",  # C++: OpenVINO, oneDNN
    "Failed to allocate memory",  # ONNX Runtime
    "out of memory",  # CUDA's runtime, as torch and ONNX Runtime quote it
    "smaller than requested bytes",  # ONNX Runtime's arena
    "unable to find an engine to execute this computation",  # cuDNN: no engine got its workspace
    "ALLOC_FAILED",  # cuBLAS, cuDNN
)
"""Parts of messages of errors that have no class of their own."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception, or what it was raised from, is a want of memory."""
    cause = root_cause(error)
    if isinstance(cause, MemoryError | torch.OutOfMemoryError):
        return True
    return any(words in str(cause) for words in _SAID)
