"""What was remarked of the cases of a run that were read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from ...codes import CODES
from .listed_case import ListedCase
from .table import Cell, Column, table, text

_DONE = ("ok", "warned")


def warnings_section(cases: Sequence[ListedCase], *, things: str = "Scans") -> str:
    """Return HTML of the warnings and of how many cases have each; empty where there is none."""
    counts = Counter(code for case in cases if case.status in _DONE for code in set(case.codes))
    columns = (Column("Code"), Column(things, numeric=True), Column("Meaning"), Column("What to do"))
    rows = ((Cell(f"<code>{escape(code)}</code>"), text(n), *meaning(code)) for code, n in sorted(counts.items()))
    return f"<h2>Warnings</h2>{table(columns, rows, name='warnings')}" if counts else ""


def meaning(code: str) -> tuple[Cell, Cell]:
    """Return what a code means and what can be done; empty where it is unknown."""
    known = CODES.get(code)
    return (text(known.summary), text(known.remedy)) if known else (text(""), text(""))
