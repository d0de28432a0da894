"""A CSV of annotations or scans to rows with known columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from ...inference.usage_error import UsageError
from ...ingest.check_input import check_input

PLACE = ("x", "y", "z")
CORNERS = ("x_min", "y_min", "z_min", "x_max", "y_max", "z_max")
SIZES = ("size_x_mm", "size_y_mm", "size_z_mm")
ATTRIBUTES = (
    "subtlety", "internalstructure", "calcification", "sphericity", "margin", "lobulation", "spiculation", "texture",
)  # fmt: skip
_OF_SCAN = ("case", "patient_id", "fold", "complete")
OF_NODULE = ("nodule", *PLACE, *CORNERS, *SIZES, "diameter_mm", "reader", "malignancy", *ATTRIBUTES)
COLUMNS = (*_OF_SCAN, *OF_NODULE, "excluded")
_ALIASES = {
    "image": "case", "seriesuid": "case", "case_id": "case", "file": "case", "patient": "patient_id",
    "coordx": "x", "coordy": "y", "coordz": "z", "nodule_id": "nodule",
}  # fmt: skip
LARGEST_BYTES = 64 * 2**20
"""Half a million rows."""
_NEAR = 0.85
"""How alike (difflib) an unknown column must be to a known one to be taken for a slip of the pen."""


@dataclass(frozen=True)
class Row:
    """A row of a table: the number of its line (the header is 1) and its cells by column, empty ones left out."""

    number: int
    cells: Mapping[str, str]


def read_table(path: Path) -> tuple[Row, ...]:
    """Read a CSV (UTF-8; comma, semicolon or tab) whose columns are :data:`COLUMNS`, in any case and order.

    Columns of other names are passed over, but not those that look like a slip of the pen.

    Raises
    ------
    InputPathError
        The file is not there.
    UsageError
        It is no CSV, lacks ``case``, or has a column twice or nearly of a known name.
    """
    check_input(path)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"The table cannot be read as UTF-8 text ({type(error).__name__}). Save it as CSV in UTF-8."
        ) from None
    if len(data) > LARGEST_BYTES or "\0" in text:
        raise UsageError(
            f"The table has more than {LARGEST_BYTES} bytes, or holds bytes that are no text. Save it as CSV in UTF-8."
        )
    header = text.splitlines()[0] if text else ""
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = _names(next(reader, []))
        cells = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error:
        raise UsageError(
            f"The table is no CSV (line {reader.line_num}: a quote is not closed, or a cell is too long)."
        ) from None
    for number, row in cells:
        if len(row) > len(names):
            raise UsageError(f"Line {number} of the table has {len(row)} cells; the header has {len(names)}.")
    return tuple(
        Row(number, {name: cell for name, cell in zip(names, row, strict=False) if name in COLUMNS and cell})
        for number, row in cells
        if any(row)
    )


def _names(header: Sequence[str]) -> list[str]:
    lowered = [name.strip().lower() for name in header]
    names = [_ALIASES.get(name, name) for name in lowered]
    for name in names:
        near = get_close_matches(name, COLUMNS, 1, _NEAR)
        if name not in COLUMNS and near:
            raise UsageError(f"The table has a column {name!r:.40}; is {near[0]!r} meant? Rename it, or leave it out.")
        if name in COLUMNS and names.count(name) > 1:
            raise UsageError(f"The table has several columns for {name!r}. Leave one.")
    if "case" not in names:
        raise UsageError(f"The table has no column 'case'. Known columns: {', '.join(COLUMNS)}.")
    return names
