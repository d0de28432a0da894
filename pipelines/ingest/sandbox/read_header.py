"""The header of a volume file, read by a worker."""

from __future__ import annotations

import os
from pathlib import Path

from ...records import Kind
from ..volume_file.volume_header import VolumeHeader
from .default_pool import default_pool
from .header_numbers import from_numbers
from .task import Task
from .worker_pool import WorkerPool


def read_header(path: Path, kind: Kind, pool: WorkerPool | None = None) -> VolumeHeader:
    """Read shape, type and place of a volume file.

    Raises
    ------
    IngestError
        What the reader found, or ``F_WORKER_DIED``, ``F_WORKER_TIMEOUT``.
    """
    body = {"kind": kind, "path": os.path.abspath(path)}  # noqa: PTH100 - a link must not be followed
    outcome = (pool or default_pool()).run([Task("header", body, from_numbers)])[0]
    assert outcome is not None
    if outcome.error is not None:
        raise outcome.error
    return from_numbers(outcome.numbers)
