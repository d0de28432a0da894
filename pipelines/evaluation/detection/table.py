"""Rows of a CSV file by the names of their columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...ingest.input_path_error import InputPathError

Row = Mapping[str, str]

_BREAK = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Table:
    """Names of the columns (lower case), and ``(line number, row)``; a row too short lacks its last columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, Row], ...]


def read_table(path: Path) -> Table:
    """Read a table whose first line names its columns; comma, semicolon or tab apart.

    Raises
    ------
    InputPathError
        The file cannot be read.
    """
    lines = _lines(read_text(path))
    _, header = next(lines, (0, ()))
    columns = tuple(name.strip().lower() for name in header)
    return Table(
        columns, tuple((n, dict(zip(columns, (cell.strip() for cell in row), strict=False))) for n, row in lines)
    )


def read_text(path: Path) -> str:
    """Read a text file; bytes that are no UTF-8 are replaced, so that one bad row harms no other."""
    try:
        return path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise InputPathError(f"cannot read {path}: {error.strerror or type(error).__name__}.") from error


def _lines(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Give the cells of each line that is not empty, with its number; no cell holds a line break in these files."""
    lines = [(n, line) for n, line in enumerate(_BREAK.split(text), 1) if line.strip()]
    mark = max("\t,;", key=lines[0][1].count) if lines else ","
    for n, line in lines:
        yield n, _cells(line, mark)


def _cells(line: str, mark: str) -> Sequence[str]:
    """Split a line; none where a cell is too long to be one."""
    try:
        return next(csv.reader([line], delimiter=mark))
    except csv.Error:
        return ()
