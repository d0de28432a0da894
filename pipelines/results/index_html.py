"""``index.html``: the run on one page that needs nothing from elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from ..codes import CODES
from .case_record import CaseRecord
from .page.finding_table import finding_table
from .page.html_page import html_page
from .page.notice import NOTICE
from .page.numbers import numbers
from .page.said_codes import said_code
from .page.scan_table import scan_table
from .page.scripts import SORT
from .page.table import Cell, Column, table, text
from .page.timing_table import timing_table
from .run_info import RunInfo

_DONE = ("ok", "warned")
_TABLES = {
    "scans": "Scans",
    "findings": "Findings",
    "warnings": "Warnings",
    "refused": "Not evaluated",
    "timing": "Time",
}


def index_html(cases: Sequence[CaseRecord], run: RunInfo) -> bytes:
    """Encode the page: scans, findings, what was remarked and refused and why, and the time it took.

    Tables can be sorted where scripts run and read where they do not. Every text from outside is escaped.
    """
    ordered = sorted(cases, key=lambda case: case.case_id)
    # a page on a disk is its own origin to some browsers, so that 'self' does not hold the pictures beside it
    return html_page("Lung nodules in CT", _parts(ordered, run), script=SORT, pictures="'self' file:")


def _parts(cases: Sequence[CaseRecord], run: RunInfo) -> Iterator[str]:
    done = [case for case in cases if case.status in _DONE]
    yield "<h1>Lung nodules in CT</h1>"
    yield NOTICE
    yield _numbers(cases)
    sections = [part for part in _sections(cases, done, run) if part]
    yield _links(sections)
    yield from sections


def _sections(cases: Sequence[CaseRecord], done: Sequence[CaseRecord], run: RunInfo) -> Iterator[str]:
    yield f"<h2>Scans</h2>{scan_table(cases)}"
    yield f"<h2>Findings</h2>{finding_table(done)}{_places(done, run)}"
    yield _warnings(cases)
    yield _refused([case for case in cases if case.status not in _DONE])
    yield _skipped(run)
    yield f"<h2>Time</h2>{timing_table(done, run)}"
    yield _made_with(run)


def _links(sections: Sequence[str]) -> str:
    """Lead to the tables that there are: a run may have hundreds of scans."""
    there = [(name, title) for name, title in _TABLES.items() if any(f' id="{name}"' in part for part in sections)]
    items = "".join(f'<li><a href="#{name}">{title}</a></li>' for name, title in there)
    return f'<nav class="screen" aria-label="Tables"><ul>{items}</ul></nav>'


def _numbers(cases: Sequence[CaseRecord]) -> str:
    counts = Counter(case.status for case in cases)
    items = [("scans", len(cases)), *sorted(counts.items()), ("findings", sum(len(case.findings) for case in cases))]
    return numbers(items)


def _places(cases: Sequence[CaseRecord], run: RunInfo) -> str:
    uncalibrated = any(not finding["calibrated"] for case in cases for finding in case.findings)
    star = "* not calibrated. " if uncalibrated else ""
    more = " The same with more columns: <a href='findings.csv'>findings.csv</a>." if "csv" in run.outputs else ""
    return (
        f'<p class="quiet">{star}Places are LPS mm: x to the patient\'s left, y to the back, z to the head.{more}</p>'
    )


def _warnings(cases: Sequence[CaseRecord]) -> str:
    """Say what was remarked of scans that were read, and of how many."""
    counts = Counter(code for case in cases if case.status in _DONE for code in set(case.codes))
    columns = (Column("Code"), Column("Scans", numeric=True), Column("Meaning"), Column("What to do"))
    rows = ((Cell(f"<code>{escape(code)}</code>"), text(n), *_said(code)) for code, n in sorted(counts.items()))
    return f"<h2>Warnings</h2>{table(columns, rows, name='warnings')}" if counts else ""


def _refused(cases: Sequence[CaseRecord]) -> str:
    """Say which scans have no result, why, and what can be done."""
    columns = (
        *(Column("Case"), Column("Status"), Column("Code"), Column("Meaning")),
        *(Column("Found"), Column("What to do"), Column("Files", numeric=True)),
    )
    rows = []
    for case in cases:
        code = next((code for code in case.codes if not code.startswith("W_")), "")
        meaning, remedy = _said(code)
        state = Cell(f'<span class="status {escape(case.status)}">{escape(case.status)}</span>')
        coded = Cell(f"<code>{escape(code)}</code>")
        found = text(case.reason)
        rows.append(
            (Cell(f"<code>{escape(case.case_id)}</code>"), state, coded, meaning, found, remedy, text(case.n_files))
        )
    return f"<h2>Not evaluated</h2>{table(columns, rows, name='refused')}" if rows else ""


def _said(code: str) -> tuple[Cell, Cell]:
    known = CODES.get(code)
    return (text(known.summary), text(known.remedy)) if known else (text(""), text(""))


def _skipped(run: RunInfo) -> str:
    """Count what in the input was no scan."""
    items = "".join(f"<li>{n} x {said_code(code)}</li>" for code, n in sorted(run.skipped.items()))
    return f'<h2>Files that are no scans</h2><ul class="plain">{items}</ul>' if items else ""


def _made_with(run: RunInfo) -> str:
    parts = {
        "bundle": run.bundle,
        "device": run.device,
        "config": run.config_hash[:12],
        "weights": run.weights_hash[:12],
        **run.versions,
    }
    words = " \u00b7 ".join(f"{name} {value}" for name, value in parts.items() if value)
    return f'<h2>Made with</h2><p class="quiet">{escape(words)}</p>'
