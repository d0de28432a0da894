"""What a worker is told before its first scan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .shared_mark import SharedMark


@dataclass(frozen=True)
class Job:
    """A run as its workers know it; paths are the same on all machines.

    Parameters
    ----------
    root : the bundle's folder.
    source : the input, to see that it is there.
    mark : lies in the output folder.
    overrides : values of the bundle's config by id; see :class:`.BundleWorkflow`.
    config_hash, weights_hash : those of the model that the run is of.
    cpus : threads per worker.
    """

    root: Path = field(repr=False)
    source: Path = field(repr=False)
    mark: SharedMark = field(repr=False)
    overrides: Mapping[str, Any] = field(repr=False)
    config_hash: str
    weights_hash: str
    cpus: int
