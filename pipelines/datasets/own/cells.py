"""The cells of a row as values."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...ingest.ingest_error import IngestError
from .read_table import Row

_YES, _NO = ("1", "true", "yes", "y"), ("0", "false", "no", "n")
FARTHEST_MM = 10_000.0


def number_in(row: Row, column: str, low: float = -FARTHEST_MM, high: float = FARTHEST_MM) -> float | None:
    """Read a number, None where the cell is empty; IngestError ``E_LABEL_VALUE`` where it is none, or out of range."""
    text = row.cells.get(column)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isnan(value) and "," in text:
        raise fault(row, column, "expected a number with a decimal point, found a comma")
    if not low <= value <= high:
        raise fault(row, column, f"expected a number from {low:g} to {high:g}")
    return value


def whole_in(row: Row, column: str, low: int, high: int) -> int | None:
    """Read a whole number (``5`` or ``5.0``), None where the cell is empty."""
    value = number_in(row, column, low, high)
    if value is not None and value != int(value):
        raise fault(row, column, "expected a whole number")
    return None if value is None else int(value)


def yes_in(row: Row, column: str) -> bool | None:
    """Read yes or no, None where the cell is empty."""
    text = row.cells.get(column, "").lower()
    if text and text not in _YES + _NO:
        raise fault(row, column, "expected 1 or 0")
    return text in _YES if text else None


def all_in(row: Row, columns: Sequence[str], low: float = -FARTHEST_MM) -> tuple[float, ...] | None:
    """Read several numbers that belong together, None where all cells are empty."""
    values = [number_in(row, column, low) for column in columns]
    if all(value is None for value in values):
        return None
    missing = [column for column, value in zip(columns, values, strict=True) if value is None]
    if missing:
        raise fault(row, missing[0], "is empty; its companions are not")
    return tuple(value for value in values if value is not None)


def fault(row: Row, column: str, what: str) -> IngestError:
    """Name a cell that cannot be used; its value is not quoted."""
    return IngestError("E_LABEL_VALUE", f"(line {row.number}, column {column}: {what})")
