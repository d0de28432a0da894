"""The names that a column may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .scoring_error import ScoringError
from .table import Table

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "scan": ("seriesuid", "case_id", "case", "scan", "series_uid"),
    "x": ("coordx", "x_mm", "x"),
    "y": ("coordy", "y_mm", "y"),
    "z": ("coordz", "z_mm", "z"),
    "probability": ("probability", "score"),
}
"""Accepted names of each column: those of LUNA16 submissions, of our ``findings.csv``, and the plain ones."""


def find_column(table: Table, names: Sequence[str]) -> str:
    """Return the first of these names that the table has.

    Raises
    ------
    ScoringError
        It has none.
    """
    for name in names:
        if name in table.columns:
            return name
    raise ScoringError(f"The table has no column {' or '.join(names)}; its first line must name its columns.")
