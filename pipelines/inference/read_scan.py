"""One scan on its way to the network."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ..ingest.ingest_error import IngestError
from ..ingest.read_volume import read_volume
from ..records import CaseResult, SeriesPlan, Volume
from .case_failure import case_failure, unforeseen_failure


@dataclass(frozen=True, eq=False)
class ReadScan:
    """A planned scan with its volume, or, where it could not be read, with the record that says why."""

    plan: SeriesPlan
    volume: Volume | None
    failure: CaseResult | None
    read_s: float


def read_scan(plan: SeriesPlan) -> ReadScan:
    """Read a scan; what is wrong with it becomes its record."""
    began = time.perf_counter()
    try:
        volume = read_volume(plan)
    except IngestError as error:
        failure = case_failure(plan, error.code, error.reason, error.status)
    except Exception as error:  # noqa: BLE001  # one bad scan never stops the rest
        failure = unforeseen_failure(plan, "F_READ", error)
    else:
        return ReadScan(plan, volume, None, time.perf_counter() - began)
    return ReadScan(plan, None, failure, time.perf_counter() - began)
