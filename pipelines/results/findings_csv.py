"""``findings.csv``: one row per finding of every case."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .case_record import CaseRecord
from .run_info import RunInfo

_Row = Mapping[str, Any]  # a finding of case.json
_Cell = Callable[[CaseRecord, _Row], object]


def _number(name: str, digits: int, index: int | None = None) -> _Cell:
    def cell(_: CaseRecord, finding: _Row) -> str:
        value = finding[name] if index is None else finding[name][index]
        return "" if value is None else f"{value:.{digits}f}"

    return cell


COLUMNS: Mapping[str, _Cell] = {
    "case_id": lambda case, _: case.case_id,
    "finding_id": lambda _, finding: finding["finding_id"],
    "probability": _number("probability", 6),
    "x_mm": _number("centre_lps_mm", 3, 0),
    "y_mm": _number("centre_lps_mm", 3, 1),
    "z_mm": _number("centre_lps_mm", 3, 2),
    "long_axis_mm": _number("long_axis_mm", 3),
    "short_axis_mm": _number("short_axis_mm", 3),
    "volume_mm3": _number("volume_mm3", 3),
    "mean_hu": _number("mean_hu", 2),
    "malignancy_probability": _number("malignancy_probability", 6),
    "status": lambda case, _: case.status,
    "diameter_3d_mm": _number("diameter_3d_mm", 3),
    "malignancy_sd": _number("malignancy_sd", 4),
    "calibrated": lambda _, finding: str(finding["calibrated"]).lower(),
    "outline_uncertainty": _number("outline_uncertainty", 4),
    "lung_side": lambda _, finding: finding["lung_side"],
    "i": _number("centre_ijk", 3, 0),
    "j": _number("centre_ijk", 3, 1),
    "k": _number("centre_ijk", 3, 2),
    "codes": lambda case, _: " ".join(case.codes),
}
"""Columns in their order. Places are LPS mm and (continuous) voxels of the source."""


def findings_csv(cases: Sequence[CaseRecord], run: RunInfo) -> bytes:
    """Encode the findings, sorted by case and finding id."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for case in sorted(cases, key=lambda c: c.case_id):
        for finding in sorted(case.findings, key=lambda f: int(f["finding_id"])):
            writer.writerow([cell(case, finding) for cell in COLUMNS.values()])
    return text.getvalue().encode()
