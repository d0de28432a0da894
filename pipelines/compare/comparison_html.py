"""``comparison.html``: what changed between two scans, on one page that needs nothing from elsewhere."""

from __future__ import annotations

from html import escape

from ..codes import CODES
from ..evaluation.report.page import page, table
from ..results.research_use import RESEARCH_USE
from .comparison import Comparison
from .comparison_json import CAVEAT
from .comparison_rows import PAIR_HEAD, SINGLE_HEAD, headline, pair_rows, single_rows
from .growth import MEASURABLE_PERCENT

_EXPLAINED = (
    f"Trend: a change of volume of less than {MEASURABLE_PERCENT:.0f} % counts as stable, as it lies within the error "
    "of measuring. Doubling time by exponential growth; of a stable nodule it is little more than noise."
)


def comparison_html(comparison: Comparison) -> bytes:
    """Encode the page; every text from outside is escaped."""
    warnings = "".join(f"<li><code>{escape(code)}</code> {escape(_meaning(code))}</li>" for code in comparison.codes)
    parts = [
        "<h1>Lung nodules at two dates</h1>",
        f'<p class="quiet">{escape(RESEARCH_USE)} Every finding needs the eyes of a radiologist.</p>',
        f"<p><b>{escape(headline(comparison))}</b></p>",
        f"<ul>{warnings}</ul>" if warnings else "",
        *(_nodules(comparison) if comparison.status != "rejected" else ()),
        *_made_with(comparison),
    ]
    return page("Lung nodules at two dates", parts)


def _nodules(comparison: Comparison) -> list[str]:
    return [
        "<h2>In both scans</h2>",
        table(PAIR_HEAD, pair_rows(comparison)),
        f'<p class="quiet">{escape(_EXPLAINED)}</p>',
        "<h2>New</h2>",
        table(SINGLE_HEAD, single_rows(comparison.new)),
        "<h2>Vanished</h2>",
        table(SINGLE_HEAD, single_rows(comparison.vanished)),
        f'<p class="quiet">{escape(CAVEAT)}</p>',
    ]


def _made_with(comparison: Comparison) -> list[str]:
    sides = [
        (name, side.case_id, str(len(side.nodules)), side.bundle, side.model[1][:12])
        for name, side in (("before", comparison.before), ("after", comparison.after))
    ]
    parts = ["<h2>Scans</h2>", table(("Scan", "Case", "Findings", "Bundle", "Weights"), sides, left=5)]
    if comparison.alignment is not None:
        quality = comparison.alignment
        row = (
            quality.judgement,
            f"{quality.inner_correlation:.2f}",
            f"{quality.lung_surface_distance_mm:.1f}",
            f"{100 * quality.common_share:.0f}",
            f"{quality.rotation_deg:.1f}",
        )
        head = (
            "Alignment",
            "Correlation in the lungs",
            "Between lung surfaces, mm",
            "In common, %",
            "Turned by, degrees",
        )
        parts += ["<h2>Alignment of the lungs</h2>", table(head, [row])]
    return parts


def _meaning(code: str) -> str:
    known = CODES.get(code)
    return f"{known.summary} {known.remedy}" if known else ""
