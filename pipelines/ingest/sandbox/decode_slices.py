"""The compressed slices of a series, shared out among workers."""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..header.slice_header import PixelLayout
from ..header.transfer_syntaxes import TRANSFER_SYNTAXES
from ..ingest_error import IngestError
from .shared_memory import SharedMemory
from .task import Numbers, Task
from .worker_pool import WorkerPool

LARGEST_CHUNK = 8  # slices; of so many the start of a task is a hundredth
CHUNKS_PER_WORKER = 4  # so that none waits long for the last one


@dataclass(frozen=True)
class CodedSlice:
    """A slice ``k`` of the volume that is to be decoded by a worker."""

    k: int
    path: Path
    pixels: PixelLayout


class SliceError(Exception):
    """What went wrong, and at which slice ``k``."""

    def __init__(self, error: IngestError, k: int) -> None:
        self.error, self.k = error, k
        super().__init__(error.code, k)


def decode_slices(
    slices: Sequence[CodedSlice], memory: SharedMemory, dtype: np.dtype[np.generic], pool: WorkerPool
) -> tuple[bool, bool]:
    """Decode the slices to HU, each at its place in ``memory`` (C-contiguous ``(k, j, i)`` of ``dtype``).

    Returns
    -------
    tuple of bool
        Whether values were clipped below, and above.

    Raises
    ------
    SliceError
        For the first slice of the list that failed.
    """
    chunks = list(_chunks(slices, pool.size))
    outcomes = pool.run([_task(chunk, memory, dtype) for chunk in chunks])
    for chunk, outcome in zip(chunks, outcomes, strict=True):
        if outcome is not None and outcome.error is not None:
            raise SliceError(outcome.error, chunk[outcome.at or 0].k)
    results = [outcome.numbers for outcome in outcomes if outcome is not None]
    return any(low for low, _ in results), any(high for _, high in results)


def _chunks(slices: Sequence[CodedSlice], workers: int) -> Iterator[list[CodedSlice]]:
    """Few slices at a time; of a file that must be read whole for each chunk only as many as there are workers."""
    size = max(1, min(LARGEST_CHUNK, len(slices) // (workers * CHUNKS_PER_WORKER)))
    for shared, group in itertools.groupby(slices, lambda one: one.path if one.pixels.frames > 1 else None):
        several = list(group)
        length = size
        if shared is not None:
            syntax = TRANSFER_SYNTAXES[several[0].pixels.transfer_syntax]
            # inflating cannot be shared
            length = len(several) if syntax.deflated else -(-len(several) // workers)
        for start in range(0, len(several), length):
            yield several[start : start + length]


def _task(chunk: list[CodedSlice], memory: SharedMemory, dtype: np.dtype[np.generic]) -> Task:
    pixels = chunk[0].pixels
    rows, columns = pixels.rows or 0, pixels.columns or 0
    slice_bytes = rows * columns * dtype.itemsize
    first, last = min(one.k for one in chunk), max(one.k for one in chunk)
    slices = [
        {"row": one.k - first, "path": os.path.abspath(one.path), "pixels": dataclasses.asdict(one.pixels)}  # noqa: PTH100
        for one in chunk
    ]
    return Task(
        kind="slices",
        body={"dtype": dtype.str, "shape": [rows, columns], "slices": slices},
        check=_check,
        memory=memory.descriptor,
        start=first * slice_bytes,
        size=(last + 1 - first) * slice_bytes,
        voxels=rows * columns * max(len(chunk), pixels.frames),
        steps=len(chunk),
    )


def _check(numbers: Numbers) -> None:
    if len(numbers) != 2 or not {*numbers} <= {0, 1}:
        raise ValueError("no flags")
