"""``index.html``: the run on one page that needs nothing from elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from .case_record import CaseRecord
from .page.finding_table import finding_table
from .page.html_page import html_page
from .page.notice import NOTICE
from .page.numbers import numbers
from .page.refused_section import refused_section
from .page.run_notes import made_with, skipped_section
from .page.scan_table import scan_table
from .page.scripts import SORT
from .page.timing_table import timing_table
from .page.warnings_section import warnings_section
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
    yield warnings_section(cases)
    yield refused_section(cases)
    yield skipped_section(run)
    yield f"<h2>Time</h2>{timing_table(done, run)}"
    yield made_with(run)


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
