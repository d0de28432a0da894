"""What one step costs: CPU seconds and memory, each step in a process of its own."""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

KIB = 1024  # ru_maxrss counts kibibytes on Linux


@dataclass(frozen=True)
class Cost:
    """CPU seconds of all threads, the highest resident memory, and seconds on the clock."""

    cpu_s: float
    peak_bytes: int
    wall_s: float


def cost_of(step: Callable[[], object], *, repeat: int, threads: int) -> Cost:
    """Run ``step`` ``repeat`` times, each in a forked child, and keep the least time and the highest peak.

    The processes that a step starts count in seconds, not in memory. The child shares what was made before it (the
    step's input), so its peak is counted from where it starts: what the step adds, result included. ``ru_maxrss``
    starts anew at a fork. A child also maps pages of libraries anew; they count, which makes the peak too high by some
    ten MB, never too low.
    """
    return _best([_in_child(step, threads) for _ in range(repeat)])


def cost_of_command(command: Sequence[str], *, repeat: int, variables: Mapping[str, str] = {}) -> Cost:
    """Run a command ``repeat`` times, with ``variables`` in its environment; the peak is that of the whole process.

    At its start Linux hands a command the peak of the process that starts it: call this while that one is still small.
    """
    return _best([_run(command, variables) for _ in range(repeat)])


def limits(threads: int) -> dict[str, str]:
    """Variables that hold a new process to so many threads."""
    return {f"{library}_NUM_THREADS": str(threads) for library in ("OMP", "OPENBLAS", "MKL")}


def _best(costs: Sequence[Cost]) -> Cost:
    return Cost(
        min(cost.cpu_s for cost in costs), max(cost.peak_bytes for cost in costs), min(cost.wall_s for cost in costs)
    )


def _in_child(step: Callable[[], object], threads: int) -> Cost:
    _give_back_freed_memory()
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_measure, args=(step, threads, there))
    child.start()
    there.close()
    try:
        return Cost(*here.recv())
    finally:
        child.join()


def _give_back_freed_memory() -> None:
    """Freed memory that a child could use again without its peak rising would hide what a step needs."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _measure(step: Callable[[], object], threads: int, report: Connection) -> None:
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(threads)
    peak_before, cpu_before, began = _peak_bytes(), time.process_time(), time.perf_counter()
    result = step()
    _end_workers()  # the workers that decode end, so that their seconds count
    cpu_s, wall_s = time.process_time() - cpu_before, time.perf_counter() - began
    workers = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s += workers.ru_utime + workers.ru_stime
    report.send((cpu_s, _peak_bytes() - peak_before, wall_s))
    del result


def _end_workers() -> None:
    """Import late: commands are measured while this process is small."""
    from resmtnet.pipelines.ingest.sandbox.default_pool import default_pool

    default_pool().close()


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB


def _run(command: Sequence[str], variables: Mapping[str, str]) -> Cost:
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **variables})
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command[:3])} ... ended with exit code {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * KIB, wall_s)
