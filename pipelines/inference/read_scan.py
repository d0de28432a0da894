"""One scan on its way to the network."""

from __future__ import annotations

from dataclasses import dataclass

from ..records import CaseResult, SeriesPlan, Volume


@dataclass(frozen=True, eq=False)
class ReadScan:
    """A planned scan with its volume, or, where it could not be read, with the record that says why."""

    plan: SeriesPlan
    volume: Volume | None
    failure: CaseResult | None
    read_s: float
