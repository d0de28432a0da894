"""``index.html``: the run on one page that needs nothing from elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from ..codes import CODES
from ..ingest.choice.choose_series import FITS
from .case_record import CaseRecord
from .research_use import RESEARCH_USE
from .run_info import RunInfo

_STYLE = """
:root { color-scheme: light dark; --ink: #1d242c; --quiet: #5c6873; --paper: #f5f7f9; --card: #fff; --line: #dde3e9;
  --ok: #1c7c54; --warned: #97660a; --rejected: #b3471d; --failed: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --quiet: #98a4b0; --paper: #10141a; --card: #181e26;
  --line: #2a333d; --ok: #57c795; --warned: #e0ad4a; --rejected: #f0885c; --failed: #f2766e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 24px; margin: 0 0 2px; } h2 { font-size: 18px; margin: 36px 0 10px; }
p { margin: 4px 0; } .quiet { color: var(--quiet); }
.numbers { display: flex; flex-wrap: wrap; gap: 10px; margin: 18px 0; padding: 0; list-style: none; }
.numbers li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 8px 16px; }
.numbers b { display: block; font-size: 22px; line-height: 1.2; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 8px 12px; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--quiet); font-weight: 600; white-space: nowrap; }
td.n, th.n { text-align: right; white-space: nowrap; } 
td img { display: block; width: 240px; max-height: 150px; object-fit: cover; object-position: top; border-radius: 5px; }
.status { font-weight: 600; } .ok { color: var(--ok); } .warned { color: var(--warned); }
.rejected { color: var(--rejected); } .failed { color: var(--failed); }
code { font: 13px ui-monospace, monospace; } ul.codes { margin: 0; padding: 0; list-style: none; }
a { color: inherit; }
"""


def index_html(cases: Sequence[CaseRecord], run: RunInfo) -> bytes:
    """Encode the page; every text from outside is escaped."""
    cases = sorted(cases, key=lambda case: case.case_id)
    body = "\n".join(
        [
            "<h1>Lung nodules in CT</h1>",
            f'<p class="quiet">{escape(RESEARCH_USE)} Every finding needs the eyes of a radiologist.</p>',
            _numbers(cases),
            "<h2>Scans</h2>",
            _table(("Case", "Status", "Findings", "Remarks", "Preview"), map(_case_row, cases), numeric=(2,)),
            "<h2>Findings</h2>",
            _table(_FINDING_HEAD, _finding_rows(cases), numeric=range(1, len(_FINDING_HEAD) - 1)),
            '<p class="quiet">Places are LPS mm (x to the patient\'s left, y to the back, z to the head). '
            "The same with more columns: <a href='findings.csv'>findings.csv</a>.</p>",
            _skipped(run),
            _origin(run),
        ]
    )
    page = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Lung nodules in CT</title><style>{_STYLE}</style></head>
<body><main>
{body}
</main></body></html>
"""
    return page.encode()


def _numbers(cases: Sequence[CaseRecord]) -> str:
    counts = Counter(case.status for case in cases)
    items = [("scans", len(cases)), *sorted(counts.items()), ("findings", sum(len(case.findings) for case in cases))]
    return '<ul class="numbers">' + "".join(f"<li><b>{n}</b>{escape(name)}</li>" for name, n in items) + "</ul>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numeric: Iterable[int]) -> str:
    right = set(numeric)
    kinds = [' class="n"' if column in right else "" for column in range(len(head))]
    top = "".join(f"<th{kind}>{escape(name)}</th>" for kind, name in zip(kinds, head, strict=True))
    lines = [
        "<tr>" + "".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, row, strict=True)) + "</tr>"
        for row in rows
    ]
    none = f'<tr><td colspan="{len(head)}" class="quiet">none</td></tr>'
    return (
        f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{"".join(lines) or none}</tbody></table></div>'
    )


def _case_row(case: CaseRecord) -> tuple[str, ...]:
    folder = f"cases/{quote(case.case_id)}"
    status = f'<span class="status {escape(case.status)}">{escape(case.status)}</span>'
    picture = (
        f'<a href="{folder}/preview.png"><img src="{folder}/preview.png" alt="preview of {escape(case.case_id)}" '
        'loading="lazy"></a>'
        if case.has_preview
        else '<span class="quiet">none</span>'
    )
    name = f'<a href="{folder}/case.json"><code>{escape(case.case_id)}</code></a>'
    return name, status, str(len(case.findings)), _remarks(case), picture


def _remarks(case: CaseRecord) -> str:
    """Why it was refused, its codes, their particulars, and why it was chosen where there was a choice."""
    chosen = [] if case.choice in ("", FITS) else [f"Taken: {case.choice}."]
    notes = "".join(f'<p class="quiet">{escape(note)}</p>' for note in (*case.notes, *chosen))
    reason = f"<p>{escape(case.reason)}</p>" if case.reason else ""
    return f'{reason}<ul class="codes">{"".join(map(_code, case.codes))}</ul>{notes}'


def _skipped(run: RunInfo) -> str:
    """Count what in the input was no scan."""
    items = "".join(f"<li>{n} x {_code(code)[4:]}" for code, n in sorted(run.skipped.items()))
    return f'<h2>Files that are no scans</h2><ul class="codes">{items}</ul>' if items else ""


def _code(code: str) -> str:
    known = CODES.get(code)
    text = f"{known.summary} {known.remedy}" if known else ""
    return f'<li><code>{escape(code)}</code> <span class="quiet">{escape(text)}</span></li>'


_FINDING_HEAD = (
    *("Case", "Finding", "Probability", "Long x short axis, mm", "Volume, mm³", "Mean HU"),
    *("x", "y", "z", "Malignancy", "Lung"),
)


def _finding_rows(cases: Sequence[CaseRecord]) -> Iterable[tuple[str, ...]]:
    for case in cases:
        for finding in case.findings:
            yield f"<code>{escape(case.case_id)}</code>", *_finding_cells(finding)


def _finding_cells(finding: Any) -> tuple[str, ...]:  # JSON
    x, y, z = finding["centre_lps_mm"]
    malignancy = f"{finding['malignancy_probability']:.2f}" + ("" if finding["calibrated"] else "*")
    cells = (
        str(finding["finding_id"]),
        f"{finding['probability']:.3f}",
        f"{finding['long_axis_mm']:.1f} x {finding['short_axis_mm']:.1f}",
        f"{finding['volume_mm3']:,.0f}",
        f"{finding['mean_hu']:.0f}",
        *(f"{value:.1f}" for value in (x, y, z)),
        malignancy,
        str(finding["lung_side"]),
    )
    return tuple(escape(cell) for cell in cells)


def _origin(run: RunInfo) -> str:
    parts = {
        "bundle": run.bundle,
        "device": run.device,
        "config": run.config_hash[:12],
        "weights": run.weights_hash[:12],
        **run.versions,
    }
    text = " · ".join(f"{name} {value}" for name, value in parts.items() if value)
    return f'<p class="quiet">* not calibrated</p><h2>Made with</h2><p class="quiet">{escape(text)}</p>'
