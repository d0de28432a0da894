"""What a command found in a folder, scan by scan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..records import Origin, Rejection, SeriesPlan
from .plan_scans import ScanList


@dataclass(frozen=True)
class ScanRecords:
    """The plain records of all scans, and what a record cannot say.

    ``skipped`` counts the files that are no scans, by their ``I_`` code.
    ``origins`` says by case id where each scan lies: it identifies patients.
    """

    records: list[dict[str, Any]]
    skipped: Mapping[str, int]
    origins: Mapping[str, Origin] = field(repr=False)


def origins_of(scans: ScanList) -> dict[str, Origin]:
    """Say by case id where each scan lies."""
    outcomes: tuple[SeriesPlan | Rejection, ...] = (*scans.plans, *scans.rejections)
    return {outcome.case_id: outcome.origin for outcome in outcomes}
