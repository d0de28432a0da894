"""One scan with what was said of it, on its way to the data list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...records import SeriesPlan
from ..data_list import Excluded, NoduleLabel


@dataclass(frozen=True, eq=False)
class ScanFacts:
    """What a table says of a scan; None where it says nothing. ``patient_id`` is as given, and is hashed later."""

    patient_id: str | None = None
    fold: int | None = None
    complete: bool | None = None


@dataclass(frozen=True, eq=False)
class Annotations:
    """The nodules of a scan, and codes of what was odd about them."""

    nodules: tuple[NoduleLabel, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Annotated:
    """A scan, and what makes its annotations (it may raise IngestError, for this scan only)."""

    plan: SeriesPlan
    annotate: Callable[[], Annotations]
    facts: ScanFacts = ScanFacts()
