"""The findings of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from ..case_record import CaseRecord
from .case_page import case_page
from .number_text import number_text
from .table import Cell, Column, number, table, text

_COLUMNS = (
    *(Column("Case"), Column("Finding", numeric=True), Column("Probability", numeric=True)),
    Column("Long \u00d7 short axis, mm", numeric=True),
    *(Column("Volume, mm\u00b3", numeric=True), Column("Mean HU", numeric=True), Column("Malignancy", numeric=True)),
    *(Column("Lung"), *(Column(axis, numeric=True) for axis in "xyz"), Column("Slice", numeric=True)),
)


def finding_table(cases: Sequence[CaseRecord]) -> str:
    """Return HTML: one row per finding of every case, with a link to it where the case has a page."""
    return table(_COLUMNS, _rows(cases), name="findings")


def _rows(cases: Sequence[CaseRecord]) -> Iterator[tuple[Cell, ...]]:
    for case in cases:
        for finding in sorted(case.findings, key=lambda one: int(one["finding_id"])):
            yield Cell(f"<code>{escape(case.case_id)}</code>"), _link(case, finding), *_cells(finding)


def _link(case: CaseRecord, finding: Mapping[str, Any]) -> Cell:
    page, number_ = case_page(case), int(finding["finding_id"])
    return Cell(f'<a href="{page}#finding-{number_}">{number_}</a>', str(number_)) if page else text(number_)


def _cells(finding: Mapping[str, Any]) -> tuple[Cell, ...]:
    malignancy = float(finding["malignancy_probability"])
    axes = (number_text(finding[name], 1) for name in ("long_axis_mm", "short_axis_mm"))
    return (
        number(finding["probability"], 3),
        Cell(" \u00d7 ".join(axes), repr(float(finding["long_axis_mm"]))),
        number(finding["volume_mm3"], 0),
        number(finding["mean_hu"], 0),
        Cell(number_text(malignancy, 2) + ("" if finding["calibrated"] else "*"), repr(malignancy)),
        text(finding["lung_side"]),
        *(number(value, 1) for value in finding["centre_lps_mm"]),
        text(int(finding["key_slice_k"]) + 1),
    )
