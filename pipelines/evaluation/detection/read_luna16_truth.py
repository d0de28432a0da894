"""The truth in LUNA16's form."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from .find_column import COLUMNS, find_column
from .make_detection import make_detection
from .scoring_error import ScoringError
from .table import read_table, read_text
from .true_scan import Place, TrueScan

UNKNOWN_DIAMETER_MM = 10.0
"""An excluded finding of unknown size (-1) is taken as so large, as LUNA16's evaluation does.

With 10 mm, and with neither 5, 6 nor 20 mm, the real submission gives the sensitivities published for it.
"""


def read_luna16_truth(
    annotations: Path, *, excluded: Path | None = None, scans: Path | None = None
) -> tuple[TrueScan, ...]:
    """Read ``annotations.csv``, ``annotations_excluded.csv`` and ``seriesuids.csv``; places are LPS mm.

    Annotations of scans that are not in the scan list are left out.

    Raises
    ------
    InputPathError
        A file cannot be read.
    ScoringError
        A row is faulty.
    """
    nodules = _places(annotations, unknown_mm=None)
    others = {} if excluded is None else _places(excluded, unknown_mm=UNKNOWN_DIAMETER_MM)
    names = list(dict.fromkeys([*nodules, *others])) if scans is None else read_scan_list(scans)
    return tuple(TrueScan(name, tuple(nodules.get(name, ())), tuple(others.get(name, ()))) for name in names)


def read_scan_list(path: Path) -> list[str]:
    """Read the names of scans, one per line (the first cell); a first line that says ``seriesuid`` is none.

    Raises
    ------
    InputPathError
        The file cannot be read.
    ScoringError
        It names no scan.
    """
    cells = [re.split("[\t,;]", line, maxsplit=1)[0].strip(' "') for line in read_text(path).splitlines()]
    header = COLUMNS["scan"]
    names = list(dict.fromkeys(cell for cell in cells if cell and cell.lower() not in header))
    if not names:
        raise ScoringError("The scan list names no scan.")
    return names


def _places(path: Path, *, unknown_mm: float | None) -> Mapping[str, Sequence[Place]]:
    table = read_table(path)
    scan, x, y, z = (find_column(table, COLUMNS[what]) for what in ("scan", "x", "y", "z"))
    diameter = find_column(table, ("diameter_mm", "diameter"))
    found: dict[str, list[Place]] = defaultdict(list)
    for line, row in table.rows:
        try:  # the same checks as of a detection; the diameter takes the score's place
            read = make_detection(row.get(scan), [row.get(a, "") for a in (x, y, z)], None, row.get(diameter, ""))
            size = _known(read.probability, unknown_mm)
        except ValueError as error:
            raise ScoringError(f"Truth, line {line}: {str(error).replace('probability', 'diameter')}.") from None
        found[read.case].append(Place(read.centre_lps_mm, size))
    return found


def _known(diameter_mm: float, unknown_mm: float | None) -> float:
    if diameter_mm < 0 and unknown_mm is not None:
        return unknown_mm
    if diameter_mm <= 0:
        raise ValueError("the diameter is not positive")
    return diameter_mm
