"""A process that gives up what it does not need."""

from __future__ import annotations

import contextlib
import ctypes
import resource
import signal
import sys

MAX_OPEN_FILES = 64  # the file that is read, the socket, the volume, and what imports open for a moment
_PR_SET_NO_NEW_PRIVS = 38  # linux/prctl.h


def restrict_process(memory_bytes: int) -> None:
    """Limit the calling process for good: it writes no file, leaves no core (cores hold patients), gains no rights."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that gave the task
    _limit(resource.RLIMIT_AS, memory_bytes, memory_bytes)
    _limit(resource.RLIMIT_FSIZE, 0, 0)
    _limit(resource.RLIMIT_CORE, 0, 0)
    _limit(resource.RLIMIT_NOFILE, MAX_OPEN_FILES, MAX_OPEN_FILES)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def limit_task(memory_bytes: int, seconds: float) -> None:
    """Set memory for one task, and the CPU and wall seconds from now at which the kernel ends the process."""
    _limit(resource.RLIMIT_AS, memory_bytes)
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + seconds) + 1)
    # ends a worker that waits in vain although nobody is left to end it
    signal.setitimer(signal.ITIMER_REAL, seconds + 1)


def end_task() -> None:
    """Stop the clock."""
    signal.setitimer(signal.ITIMER_REAL, 0)


def _limit(which: int, soft: int, hard: int = resource.RLIM_INFINITY) -> None:
    now = resource.getrlimit(which)[1]
    if now != resource.RLIM_INFINITY:
        hard = now if hard == resource.RLIM_INFINITY else min(hard, now)
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    with contextlib.suppress(ValueError, OSError):  # not every system knows every limit
        resource.setrlimit(which, (soft, hard))
