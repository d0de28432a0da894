"""The voxels of a volume file to one HU array."""

from __future__ import annotations

import math
import os
from importlib.metadata import version

import numpy as np

from ..records import SeriesPlan
from .pixels.volume_values import HIGHEST_HU, LOWEST_HU, HuArray, Voxels, check_values
from .sandbox.default_pool import default_pool
from .sandbox.shared_memory import SharedMemory
from .sandbox.task import Numbers, Task
from .sandbox.worker_pool import WorkerPool

_DTYPES = (np.int16, np.float32)  # as the worker numbers them
_LARGEST_ITEM = 4


def read_volume_file(plan: SeriesPlan, pool: WorkerPool | None = None) -> Voxels:
    """Read a NIfTI, MetaImage or NRRD file; the values must be HU as they are, no offset is guessed.

    Raises
    ------
    IngestError
        ``E_TRUNCATED``, ``E_DECODE``, ``E_NAN``, ``E_NOT_HU``, ``E_CONSTANT``, ``E_TOO_LARGE``, ``F_WORKER_DIED`` or
        ``F_WORKER_TIMEOUT``.
    """
    hu = _decode(plan, pool or default_pool())
    codes = check_values(hu, must_hold_air=True)
    library = "nibabel" if plan.kind == "nifti" else "SimpleITK"
    return Voxels(*_clipped(hu, codes), f"{library} {version(library)}")


def _decode(plan: SeriesPlan, pool: WorkerPool) -> HuArray:
    """Let a worker fill memory that would hold float32; of what it leaves empty nothing is ever taken."""
    shape = plan.shape_ijk[::-1]
    voxels = math.prod(shape)
    body = {"kind": plan.kind, "path": os.path.abspath(plan.path), "shape": shape}  # noqa: PTH100
    size = voxels * _LARGEST_ITEM
    with SharedMemory(size) as memory:
        outcome = pool.run([Task("volume", body, _check, memory.descriptor, size=size, voxels=voxels)])[0]
        assert outcome is not None
        if outcome.error is not None:
            raise outcome.error
        hu: HuArray = memory.array(shape, _DTYPES[int(outcome.numbers[0])])
    return hu


def _check(numbers: Numbers) -> None:
    if numbers not in ((0,), (1,)):
        raise ValueError("no type")


def _clipped(hu: HuArray, codes: tuple[str, ...]) -> tuple[HuArray, tuple[str, ...]]:
    too_low, too_high = bool(hu.min() < LOWEST_HU), bool(hu.max() > HIGHEST_HU)
    if too_low or too_high:
        np.clip(hu, LOWEST_HU, HIGHEST_HU, out=hu)
    return hu, (*codes, *["W_PADDING_CLIPPED"] * too_low, *["W_HIGH_CLIPPED"] * too_high)
