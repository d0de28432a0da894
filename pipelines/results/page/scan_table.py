"""The scans of a run."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from ...ingest.choice.choose_series import FITS
from ..case_record import CaseRecord
from .case_page import case_page
from .table import Cell, Column, number, table, text

_COLUMNS = (
    *(Column("Case"), Column("Status"), Column("Findings", numeric=True)),
    *(Column("Largest, mm", numeric=True), Column("Highest malignancy", numeric=True)),
    *(Column("Time, s", numeric=True), Column("Remarks"), Column("Preview", sortable=False)),
)


def scan_table(cases: Sequence[CaseRecord]) -> str:
    """Return HTML: one row per case, with a link to its page, or to its record where it has none."""
    return table(_COLUMNS, map(_row, cases), name="scans")


def _row(case: CaseRecord) -> tuple[Cell, ...]:
    target = case_page(case) or f"cases/{quote(case.case_id)}/case.json"
    largest = max((float(one["long_axis_mm"]) for one in case.findings), default=None)
    worst = max((float(one["malignancy_probability"]) for one in case.findings), default=None)
    seconds = sum(case.timings_s.values()) if case.timings_s else None
    return (
        Cell(f'<a href="{target}"><code>{escape(case.case_id)}</code></a>', case.case_id),
        Cell(f'<span class="status {escape(case.status)}">{escape(case.status)}</span>'),
        text(len(case.findings)),
        number(largest, 1),
        number(worst, 2),
        number(seconds, 1),
        _remarks(case),
        _preview(case),
    )


def _remarks(case: CaseRecord) -> Cell:
    """Why it was refused, its codes, their particulars, and why it was chosen where there was a choice."""
    chosen = [] if case.choice in ("", FITS) else [f"Taken: {case.choice}."]
    codes = "".join(f"<li><code>{escape(code)}</code></li>" for code in case.codes)
    notes = "".join(f'<li class="quiet">{escape(note)}</li>' for note in (*case.notes, *chosen))
    reason = f"<li>{escape(case.reason)}</li>" if case.reason else ""
    return Cell(f'<ul class="plain">{codes}{reason}{notes}</ul>' if codes or reason or notes else "")


def _preview(case: CaseRecord) -> Cell:
    if not case.has_preview:
        return Cell('<span class="quiet">none</span>')
    source = f"cases/{quote(case.case_id)}/preview.png"
    alternative = f"preview of {escape(case.case_id)}"
    return Cell(f'<a href="{source}"><img src="{source}" alt="{alternative}" loading="lazy"></a>')
