"""``case.html``: one case on one page that needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from ..records import CaseResult, Finding, Volume
from .page.files_beside import files_beside
from .page.finding_facts import finding_facts
from .page.finding_views import finding_views
from .page.html_page import html_page
from .page.notice import NOTICE
from .page.number_text import number_text
from .page.overview import overview
from .page.provenance import provenance
from .page.said_codes import said_codes
from .page.scripts import SLIDE, SORT
from .page.style import CASE_STYLE
from .page.table import Cell, Column, number, table, text
from .page.where import where
from .page.window_choice import window_choice

_ROOM_BYTES = 7_000_000
"""For the pictures of the findings: with it, and up to 30 findings, a page stays under 8 MB whatever is on it."""
_OTHER_VIEWS_BYTES = 120_000
"""Two pictures of 144 x 144 pixels in two windows, incompressible, in base64."""


def case_html(result: CaseResult, volume: Volume | None) -> bytes | None:
    """Encode the page, or return None for a case that was not read (``index.html`` says why it was not).

    Every finding is shown in three views with the outline of its mask, a slider goes through the slices of the scan
    near it, and all that is said of it stands in tables. Slices are left out, farthest from the key slice first, where
    the page would grow beyond 8 MB. The page holds no text of the patient, no path and no UID of the scan.
    """
    if volume is None:
        return None
    parts = [part for part in _parts(result, volume) if part]
    return html_page(f"Case {result.case_id}", parts, script=SORT + SLIDE, style=CASE_STYLE)


def _parts(result: CaseResult, volume: Volume) -> Iterator[str]:
    findings = sorted(result.findings, key=lambda finding: finding.finding_id)
    yield (
        '<p class="screen"><a href="../../index.html">All cases of this run</a></p>' if "html" in result.outputs else ""
    )
    yield f"<h1>Lung nodules in CT: case {escape(result.case_id)}</h1>"
    yield NOTICE
    yield _remarks(result)
    yield f"<h2>{_counted(len(findings))}</h2>"
    yield f'<div class="where">{where(volume, findings)}<div>{_summary(findings)}{_NOTE}</div></div>'
    yield window_choice(with_findings=bool(findings))
    most_bytes = max(0, _ROOM_BYTES // max(1, len(findings)) - _OTHER_VIEWS_BYTES)
    for finding in findings:
        yield _section(volume, finding, most_bytes)
    yield "" if findings else overview(volume)
    yield f"<h2>Provenance</h2>{provenance(result, volume)}"
    yield f"<h2>Files</h2>{files_beside(result, volume)}"


_NOTE = (
    '<p class="quiet">Places are LPS mm: x to the patient\'s left, y to the back, z to the head. Letters at the edges '
    "of views: R, L right and left of the patient, A, P front and back, H, F head and foot.</p>"
)


def _remarks(result: CaseResult) -> str:
    notes = "".join(f'<p class="quiet">{escape(note)}</p>' for note in result.notes)
    codes = said_codes(result.codes)
    return f"<h2>Warnings</h2>{codes}{notes}" if codes or notes else ""


def _counted(n: int) -> str:
    return {0: "No finding above the threshold", 1: "1 finding"}.get(n, f"{n} findings")


def _summary(findings: list[Finding]) -> str:
    columns = (
        Column("Finding"),
        Column("Probability", numeric=True),
        Column("Long \u00d7 short axis, mm", numeric=True),
        Column("Volume, mm\u00b3", numeric=True),
        Column("Malignancy", numeric=True),
        Column("Lung"),
        Column("Slice", numeric=True),
    )
    rows = (
        (
            Cell(f'<a href="#finding-{finding.finding_id}">{finding.finding_id}</a>'),
            number(finding.probability, 2),
            Cell(
                f"{number_text(finding.long_axis_mm, 1)} \u00d7 {number_text(finding.short_axis_mm, 1)}",
                repr(float(finding.long_axis_mm)),
            ),
            number(finding.volume_mm3, 0),
            Cell(
                number_text(finding.malignancy_probability, 2) + ("" if finding.calibrated else "*"),
                repr(float(finding.malignancy_probability)),
            ),
            text(finding.lung_side),
            text(finding.key_slice_k + 1),
        )
        for finding in findings
    )
    star = "" if all(f.calibrated for f in findings) else '<p class="quiet">* not calibrated</p>'
    return table(columns, rows, name="findings") + star if findings else ""


def _section(volume: Volume, finding: Finding, most_bytes: int) -> str:
    number_ = finding.finding_id
    side = "" if finding.lung_side == "unknown" else f", {finding.lung_side} lung"
    axes = f"{number_text(finding.long_axis_mm, 1)} \u00d7 {number_text(finding.short_axis_mm, 1)} mm"
    return (
        f'<section class="finding" id="finding-{number_}"><h2>Finding {number_}: {axes}{escape(side)}</h2>'
        f"{finding_views(volume, finding, most_bytes=most_bytes)}{finding_facts(finding, volume.hu.shape[0])}</section>"
    )
