"""Tables that can be read, sorted and heard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from .number_text import number_text


class Cell(NamedTuple):
    """HTML of a cell, and what it is sorted by where that is not its text."""

    html: str
    sort: str | None = None


def text(words: object) -> Cell:
    """Escape words."""
    return Cell(escape(str(words)))


def number(value: float | None, digits: int) -> Cell:
    """Write a number, or a dash where there is none; it is sorted by its full value."""
    return Cell("\u2013", "") if value is None else Cell(number_text(value, digits), repr(float(value)))


class Column(NamedTuple):
    """Head of a column; numbers stand to the right; ``sortable`` if the reader may order the rows by it."""

    name: str
    numeric: bool = False
    sortable: bool = True


def table(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, caption: str = "", name: str = "") -> str:
    """Lay out rows whose first cell names them; the heads become buttons that sort where scripts run."""
    sortable = any(column.sortable for column in columns)
    top = "".join(f'<th scope="col"{_kind(column)}{_fixed(column)}>{escape(column.name)}</th>' for column in columns)
    lines = "".join(_row(columns, row) for row in rows)
    none = f'<tr><td colspan="{len(columns)}" class="quiet">none</td></tr>'
    mark = f' id="{escape(name)}"' if name else ""
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    kind = ' class="sortable"' if sortable else ""
    return (
        f'<div class="scroll"><table{mark}{kind}>{said}<thead><tr>{top}</tr></thead>'
        f"<tbody>{lines or none}</tbody></table></div>"
    )


def _row(columns: Sequence[Column], row: Sequence[Cell]) -> str:
    cells = []
    for n, (column, cell) in enumerate(zip(columns, row, strict=True)):
        tag, scope = ("th", ' scope="row"') if n == 0 else ("td", "")
        sort = "" if cell.sort is None or not column.sortable else f' data-sort="{escape(cell.sort)}"'
        cells.append(f"<{tag}{scope}{_kind(column)}{sort}>{cell.html}</{tag}>")
    return f"<tr>{''.join(cells)}</tr>"


def _fixed(column: Column) -> str:
    return "" if column.sortable else " data-fixed"


def _kind(column: Column) -> str:
    return ' class="n"' if column.numeric else ""
