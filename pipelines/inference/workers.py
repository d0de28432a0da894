"""The workers of a run on a cluster."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Workers:
    """How many workers (None: as many as there is room for), and the processors and GPUs of each."""

    number: int | None = None
    cpus: int = 1
    gpus: float = 0.0
