"""Detections from a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .find_column import COLUMNS, find_column
from .make_detection import make_detection
from .predictions import Fault, Predictions
from .table import Row, Table, read_table

_EDGES = ("size_x_mm", "size_y_mm", "size_z_mm")
_DIAMETERS = ("diameter_mm", "diameter_3d_mm")


def read_detection_csv(path: Path) -> Predictions:
    """Read a LUNA16 submission or a ``findings.csv``; places are LPS mm.

    A box may be given as ``size_x_mm, size_y_mm, size_z_mm`` or, as a cube, by ``diameter_mm``.

    Raises
    ------
    InputPathError
        The file cannot be read.
    ScoringError
        A column is missing.
    """
    table = read_table(path)
    name = {what: find_column(table, names) for what, names in COLUMNS.items()}
    sized = _size_columns(table)
    detections, faults = [], []
    for line, row in table.rows:
        try:
            centre = [row.get(name[axis], "") for axis in "xyz"]
            detections.append(
                make_detection(row.get(name["scan"]), centre, _size(row, sized), row.get(name["probability"], ""))
            )
        except ValueError as error:
            faults.append(Fault(f"line {line}", str(error)))
    return Predictions(tuple(detections), tuple(faults))


def _size_columns(table: Table) -> tuple[str, ...]:
    if set(_EDGES) <= set(table.columns):
        return _EDGES
    return next(((name,) * 3 for name in _DIAMETERS if name in table.columns), ())


def _size(row: Row, columns: Sequence[str]) -> list[str] | None:
    """Edges of the box; None where nothing stands in the row."""
    values = [row.get(name, "") for name in columns]
    return values if any(values) else None
