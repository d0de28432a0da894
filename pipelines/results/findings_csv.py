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


def _text(name: str) -> _Cell:
    return lambda _, finding: finding[name] or ""


def _rating(name: str) -> _Cell:
    def cell(_: CaseRecord, finding: _Row) -> str:
        value = finding["attributes"].get(name)
        return "" if value is None else f"{value:.3f}"

    return cell


def _end(axis: str, end: int, index: int) -> _Cell:
    return lambda _, finding: f"{finding[axis][end][index]:.3f}"


_ENDS = {
    f"{axis}_axis_end{end + 1}_{letter}_mm": _end(f"{axis}_axis_lps_mm", end, index)
    for axis in ("long", "short")
    for end in (0, 1)
    for index, letter in enumerate("xyz")
}
RATINGS = ("subtlety", "calcification", "sphericity", "margin", "lobulation", "spiculation", "texture")
"""The attributes that have a column; empty where a bundle does not rate them."""
_RESEARCH = (
    *("research_nodule_type", "research_lung_rads_style_size_class"),
    *("research_lung_rads_style_size_class_by_volume", "research_fleischner_style_size_class"),
    "research_fleischner_style_size_class_by_volume",
)

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
    "key_slice_k": lambda _, finding: finding["key_slice_k"],
    "mean_diameter_mm": _number("mean_diameter_mm", 3),
    **_ENDS,
    **{f"rating_{name}": _rating(name) for name in RATINGS},
    **{name: _text(name) for name in _RESEARCH},
}
"""Columns in their order. Places are LPS mm and (continuous) voxels of the source; ``research_`` columns are size
classes in the style of a guideline (see :mod:`resmtnet.pipelines.size_classes`), and no category."""


def findings_csv(cases: Sequence[CaseRecord], run: RunInfo) -> bytes:
    """Encode the findings, sorted by case and finding id."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for case in sorted(cases, key=lambda c: c.case_id):
        for finding in sorted(case.findings, key=lambda f: int(f["finding_id"])):
            writer.writerow([cell(case, finding) for cell in COLUMNS.values()])
    return text.getvalue().encode()
