"""Tables of plain texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .table import Column, table, text


def text_table(head: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> str:
    """Lay out texts, which are escaped; all columns but the first ``left`` are numbers, the first names the row."""
    columns = [Column(name, numeric=n >= left, sortable=False) for n, name in enumerate(head)]
    return table(columns, ([text(cell) for cell in row] for row in rows))
