"""What a table says of its scans as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from ...ingest.ingest_error import IngestError
from ...records import SeriesPlan
from ..data_list import Refused
from .annotated import ScanFacts
from .cells import whole_in, yes_in
from .read_table import Row, read_table
from .scan_index import ScanIndex

_MOST_FOLDS = 999
T = TypeVar("T")
Groups = Mapping[str, tuple[SeriesPlan, tuple[Row, ...]]]


def group_rows(rows: Sequence[Row], index: ScanIndex, beside: Path | None = None) -> tuple[Groups, tuple[Refused, ...]]:
    """Bring rows to their scans, by case id; those whose scan is not found are refused, once per name."""
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        by_name.setdefault(row.cells.get("case", ""), []).append(row)
    groups: dict[str, tuple[SeriesPlan, tuple[Row, ...]]] = {}
    refused = []
    for name, own in by_name.items():
        try:
            plan = index.find(name, beside)
        except IngestError as error:
            refused.append(Refused("", error.code, f"{error.reason} (line {_lines(own)} of the table)"))
            continue
        earlier = groups.get(plan.case_id, (plan, ()))[1]
        groups[plan.case_id] = (plan, (*earlier, *own))
    return groups, tuple(refused)


def facts_of(rows: Sequence[Row]) -> ScanFacts:
    """Read what the rows of one scan say of it; IngestError where they contradict each other."""
    return ScanFacts(
        patient_id=_agreed(rows, "patient_id", lambda row: row.cells.get("patient_id")),
        fold=_agreed(rows, "fold", lambda row: whole_in(row, "fold", 0, _MOST_FOLDS)),
        complete=_agreed(rows, "complete", lambda row: yes_in(row, "complete")),
    )


def table_facts(
    table: Path | None, index: ScanIndex
) -> tuple[dict[str, tuple[SeriesPlan, ScanFacts]], tuple[Refused, ...]]:
    """Read a table of scans: by case id what it says, and what could not be read."""
    if table is None:
        return {}, ()
    groups, refused = group_rows(read_table(table), index, table.parent)
    facts, faulty = {}, []
    for case_id, (plan, rows) in groups.items():
        try:
            facts[case_id] = (plan, facts_of(rows))
        except IngestError as error:
            faulty.append(Refused(case_id, error.code, error.reason))
    return facts, (*refused, *faulty)


def _agreed(rows: Sequence[Row], column: str, read: Callable[[Row], T | None]) -> T | None:
    said = {value for value in map(read, rows) if value is not None}
    if len(said) > 1:
        raise IngestError("E_LABEL_CONFLICT", f"(lines {_lines(rows)}: {len(said)} values of {column})")
    return said.pop() if said else None


def _lines(rows: Sequence[Row]) -> str:
    shown = ", ".join(str(row.number) for row in rows[:5])
    return shown + (", ..." if len(rows) > 5 else "")
