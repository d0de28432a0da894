"""Scans in blocks."""

from __future__ import annotations

from pathlib import Path

from .find_column import COLUMNS, find_column
from .scoring_error import ScoringError
from .table import read_table


def read_scan_blocks(path: Path) -> tuple[tuple[str, ...], ...]:
    """Read ``seriesuid,subset``: the scans of each subset, by its number; all in one block without that column.

    Raises
    ------
    InputPathError
        The file cannot be read.
    ScoringError
        It has no column of scans, or a subset is no number.
    """
    table = read_table(path)
    scan = find_column(table, COLUMNS["scan"])
    blocks: dict[int, list[str]] = {}
    for line, row in table.rows:
        subset = row.get("subset", "0")
        if not subset.isdigit():
            raise ScoringError(f"Scan blocks, line {line}: the subset is no number.")
        blocks.setdefault(int(subset), []).append(row.get(scan, ""))
    return tuple(tuple(blocks[subset]) for subset in sorted(blocks))
