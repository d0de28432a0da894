"""Which number format the network runs in."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch

_CPU_FLAGS = ("avx512_bf16", "amx_bf16", "bf16")
"""Instructions that compute in bfloat16 (x86, x86 with AMX, Arm). Without them bfloat16 is emulated and slower."""


def inference_dtype(precision: str, device: torch.device) -> torch.dtype:
    """Resolve ``auto``, ``float32`` or ``bfloat16`` for a device.

    On GPUs from Ampere on, torch's convolutions in float32 round their input to TF32 (10 bits) unless told otherwise.
    """
    if precision != "auto":
        return torch.bfloat16 if precision == "bfloat16" else torch.float32
    if device.type == "cuda":
        return torch.bfloat16 if cuda_computes_in_bfloat16(device) else torch.float32
    return torch.bfloat16 if device.type == "cpu" and _cpu_computes_in_bfloat16() else torch.float32


def cuda_computes_in_bfloat16(device: torch.device) -> bool:
    """Say whether a GPU does, and not only emulates it: from compute capability 8.0 (Ampere) on."""
    return torch.cuda.get_device_capability(device)[0] >= 8


@cache
def _cpu_computes_in_bfloat16() -> bool:
    listing = Path("/proc/cpuinfo")
    if not listing.is_file():
        return False
    lines = listing.read_text(encoding="ascii", errors="replace").splitlines()
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return any(flag in flags.split() for flag in _CPU_FLAGS)
