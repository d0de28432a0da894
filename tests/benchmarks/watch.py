"""A command watched while it runs: the memory of it and of all its children, and how busy it keeps the processor."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from measure import KIB, limits

PERIOD_S = 0.05
FAMILY_PERIOD_S = 0.5  # reading the parents of all processes of the machine takes milliseconds
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
MB = 1e6


@dataclass(frozen=True)
class Sample:
    """What was seen at a moment: ``done`` is what the caller counts."""

    wall_s: float
    tree_bytes: int
    cpu_s: float
    done: int


@dataclass(frozen=True)
class Watched:
    """A command that ended.

    ``peak_bytes`` is the highest resident memory of the command's own process, as the kernel kept it; ``tree_bytes``
    the highest sum over it and its children that was seen, pages they share counted once.
    """

    code: int
    wall_s: float
    cpu_s: float
    peak_bytes: int
    tree_bytes: int
    samples: tuple[Sample, ...] = field(repr=False)


def watch(command: Sequence[str], *, threads: int, done: Callable[[], int] = lambda: 0) -> Watched:
    """Run ``command`` and look every 50 ms; ``done`` is called every half second and kept with the samples.

    The seconds are those of the command and of all children it waited for.
    """
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **limits(threads)})
    ended = threading.Event()
    samples: list[Sample] = []
    watcher = threading.Thread(target=_look, args=(process.pid, began, done, ended, samples), daemon=True)
    watcher.start()
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    watcher.join()
    peak = usage.ru_maxrss * KIB
    tree = max((sample.tree_bytes for sample in samples), default=peak)
    return Watched(process.returncode, wall_s, usage.ru_utime + usage.ru_stime, peak, max(tree, peak), tuple(samples))


def check(watched: Watched, command: Sequence[str]) -> Watched:
    """End the benchmark where the command did not do all it was given."""
    if watched.code != 0:
        sys.exit(f"{' '.join(command[:2])} ... ended with exit code {watched.code}")
    return watched


def _look(root: int, began: float, done: Callable[[], int], ended: threading.Event, samples: list[Sample]) -> None:
    family, counted, looked_s = [root], 0, 0.0
    while not ended.wait(PERIOD_S):
        now = time.perf_counter()
        if now - looked_s > FAMILY_PERIOD_S:
            family, counted, looked_s = _family(root), done(), now
        resident = [memory for pid in family if (memory := _resident(pid)) is not None]
        if resident:
            samples.append(Sample(now - began, _together(resident), sum(map(_cpu_s, family)), counted))


def _together(resident: Sequence[tuple[int, int]]) -> int:
    """Sum what each process has alone, and the largest of what they share (libraries and the volume, mapped by all)."""
    return sum(alone for alone, _ in resident) + max(shared for _, shared in resident)


def _resident(pid: int) -> tuple[int, int] | None:
    """Return bytes that are the process's own and bytes of files and shared memory; None once it is gone."""
    try:
        words = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    except OSError:
        return None
    resident, shared = (int(word) * os.sysconf("SC_PAGE_SIZE") for word in words[1:3])
    return resident - shared, shared


def _family(root: int) -> list[int]:
    """Return the process and all that descend from it."""
    parents = {int(path.name): _fields(path)[1] for path in Path("/proc").iterdir() if path.name.isdigit()}
    family = [root]
    for pid in family:  # grows while it is walked: children, then theirs
        family += [child for child, parent in parents.items() if parent == str(pid)]
    return family


def _cpu_s(pid: int) -> float:
    """Return CPU seconds of the process and of the children it has waited for."""
    ticks = _fields(Path(f"/proc/{pid}"))[11:15]
    return sum(map(int, ticks)) / TICKS_PER_S


def _fields(folder: Path) -> list[str]:
    """Return the fields of ``stat`` behind the name: state, parent, ...; zeros once the process is gone."""
    try:
        return (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ["0"] * 50
