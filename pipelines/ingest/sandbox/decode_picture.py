"""One picture, decoded by a worker."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .default_pool import default_pool
from .picture_facts import PictureFacts, from_numbers
from .shared_memory import SharedMemory
from .task import Numbers, Task
from .worker_pool import WorkerPool

MAX_PIXELS = 2**26  # 8192 x 8192, as the largest slice; four times the largest camera picture in use
_ITEM_BYTES = 4  # float32


@dataclass(frozen=True)
class PictureTask:
    """Which picture, and how CT values become grey; see :func:`.read_picture`."""

    path: Path = field(repr=False)
    frame: int
    window_hu: tuple[float, float]
    max_pixels: int


def decode_picture(task: PictureTask, pool: WorkerPool | None = None) -> tuple[npt.NDArray[np.float32], PictureFacts]:
    """Return the grey values ``(rows, columns)`` in [0, 1] and what is said of the picture.

    Raises
    ------
    IngestError
        What the reader found, or ``F_WORKER_DIED``, ``F_WORKER_TIMEOUT``.
    ValueError
        A window or limit that cannot be.
    """
    low, high = task.window_hu
    if not low < high or not 0 < task.max_pixels <= MAX_PIXELS or task.frame < 0:
        raise ValueError(f"expected low < high, a frame from 0 and at most {MAX_PIXELS} pixels; found {task}")
    size = task.max_pixels * _ITEM_BYTES  # pages that are never written take no memory
    with SharedMemory(size) as memory:
        body = {
            "path": os.path.abspath(task.path),  # noqa: PTH100 - a link must not be followed
            "frame": task.frame,
            "window_hu": [low, high],
            "max_pixels": task.max_pixels,
        }

        def check(numbers: Numbers) -> None:
            facts = from_numbers(numbers)
            if facts.rows * facts.columns > task.max_pixels:
                raise ValueError("more than there is memory for")

        outcome = (pool or default_pool()).run([Task("picture", body, check, memory.descriptor, 0, size)])[0]
        assert outcome is not None
        if outcome.error is not None:
            raise outcome.error
        facts = from_numbers(outcome.numbers)
        shown: npt.NDArray[np.float32] = memory.array((facts.rows, facts.columns), np.float32)
        return np.clip(np.nan_to_num(shown), 0, 1), facts  # a copy: the memory is as large as any picture
