"""The one pool of this process."""

from __future__ import annotations

import atexit
import os

from .limits import Limits
from .worker_pool import WorkerPool

_POOL = WorkerPool(Limits())
atexit.register(_POOL.close)
os.register_at_fork(after_in_child=_POOL.forget)


def default_pool() -> WorkerPool:
    """Give the pool; it has no worker before its first task."""
    return _POOL
