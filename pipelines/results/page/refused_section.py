"""The cases of a run that have no result."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from .listed_case import ListedCase
from .table import Cell, Column, table, text
from .warnings_section import meaning

_DONE = ("ok", "warned")
_COLUMNS = (
    *(Column("Case"), Column("Status"), Column("Code"), Column("Meaning")),
    *(Column("Found"), Column("What to do"), Column("Files", numeric=True)),
)


def refused_section(cases: Sequence[ListedCase]) -> str:
    """Return HTML of which cases were not evaluated, why, and what can be done; empty where there is none."""
    rows = [_row(case) for case in cases if case.status not in _DONE]
    return f"<h2>Not evaluated</h2>{table(_COLUMNS, rows, name='refused')}" if rows else ""


def _row(case: ListedCase) -> tuple[Cell, ...]:
    code = next((code for code in case.codes if not code.startswith("W_")), "")
    said, remedy = meaning(code)
    state = Cell(f'<span class="status {escape(case.status)}">{escape(case.status)}</span>')
    named = Cell(f"<code>{escape(case.case_id)}</code>")
    return named, state, Cell(f"<code>{escape(code)}</code>"), said, text(case.reason), remedy, text(case.n_files)
