"""A comparison as lines for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from .comparison import Comparison
from .comparison_rows import PAIR_HEAD, SINGLE_HEAD, Rows, headline, pair_rows, single_rows


def comparison_text(comparison: Comparison) -> str:
    """Lay out what changed, with the codes that there are."""
    parts = [headline(comparison), *comparison.codes]
    for title, head, rows in (
        ("In both scans", PAIR_HEAD, pair_rows(comparison)),
        ("New", SINGLE_HEAD, single_rows(comparison.new)),
        ("Vanished", SINGLE_HEAD, single_rows(comparison.vanished)),
    ):
        if rows:
            parts += ["", title, *_columns([head, *rows])]
    return "\n".join(parts)


def _columns(rows: Rows) -> Sequence[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
