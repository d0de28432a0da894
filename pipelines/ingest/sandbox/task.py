"""What a worker is asked to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Numbers = tuple[int | float, ...]
TaskKind = Literal["slices", "header", "volume", "picture"]


@dataclass(frozen=True, eq=False)
class Task:
    """One thing to do.

    ``body`` holds plain JSON values. ``memory`` is a descriptor of shared memory (-1: none), of which the worker maps
    ``size`` bytes from ``start``. ``voxels`` is what the time is reckoned by; ``steps`` is how many steps the worker
    tells of (slices). ``check`` raises ValueError for numbers that are no result of it.
    """

    kind: TaskKind
    body: Mapping[str, object]
    check: Callable[[Numbers], object]
    memory: int = -1
    start: int = 0
    size: int = 0
    voxels: int = 0
    steps: int = 0
