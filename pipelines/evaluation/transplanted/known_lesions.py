"""The lesions that are known of some scans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from ..detection.find_column import COLUMNS, find_column
from ..detection.make_detection import make_detection
from ..detection.scoring_error import ScoringError
from ..detection.table import read_table
from ..detection.true_scan import Place


def read_known_lesions(path: Path) -> Mapping[str, tuple[Place, ...]]:
    """Read ``seriesuid, coordX, coordY, coordZ, diameter_mm`` (LPS mm); rows without coordinates say nothing.

    A lesion is found under its series and, where the table has a column ``patient_id``, under that too.

    Raises
    ------
    InputPathError
        The file cannot be read.
    ScoringError
        It lacks a column, or a row is faulty.
    """
    table = read_table(path)
    scan, x, y, z = (find_column(table, COLUMNS[what]) for what in ("scan", "x", "y", "z"))
    diameter = find_column(table, ("diameter_mm", "diameter"))
    found: dict[str, list[Place]] = defaultdict(list)
    for line, row in table.rows:
        if not any(row.get(name) for name in (x, y, z)):
            continue
        try:  # the same checks as of a detection; the diameter takes the score's place
            read = make_detection(row.get(scan), [row.get(a, "") for a in (x, y, z)], None, row.get(diameter, ""))
        except ValueError as error:
            raise ScoringError(f"Lesions, line {line}: {str(error).replace('probability', 'diameter')}.") from None
        if read.probability <= 0:
            raise ScoringError(f"Lesions, line {line}: the diameter is not positive.")
        for name in {read.case, row.get("patient_id") or read.case}:
            found[name].append(Place(read.centre_lps_mm, read.probability))
    return {name: tuple(places) for name, places in found.items()}
