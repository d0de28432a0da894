"""What is said of a whole run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RunInfo:
    """The run as its runner knows it; what can be counted from its cases is not repeated here.

    ``skipped`` counts files that are no scans, by code. ``timings_s`` are those of the whole run, ``outputs`` the
    kinds of files that were asked for. ``device``, ``backend`` and ``precision`` say what this run computed with
    (cases kept from earlier runs may differ by rounding), ``shard`` which part of a divided run it was (I/N; empty: all
    of it), ``all_cases_hash`` of which cases: SHA-256 of the ids of all parts.
    """

    bundle: str
    exit_code: int
    config_hash: str = ""
    weights_hash: str = ""
    device: str = ""
    backend: str = ""
    precision: str = ""
    shard: str = ""
    all_cases_hash: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    timings_s: Mapping[str, float] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    outputs: tuple[str, ...] = ("csv", "html", "json")
