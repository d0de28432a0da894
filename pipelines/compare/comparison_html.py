"""``comparison.html``: what changed between two scans, on one page that needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from ..records import Volume
from ..results.page.html_page import html_page
from ..results.page.notice import NOTICE
from ..results.page.number_text import number_text
from ..results.page.numbers import numbers
from ..results.page.said_codes import said_codes
from ..results.page.style import CASE_STYLE
from ..results.page.table import Cell, Column, table, text
from ..results.page.text_table import text_table
from ..results.page.window_choice import window_choice
from .comparison import Comparison
from .comparison_json import CAVEAT
from .comparison_rows import PAIR_HEAD, SINGLE_HEAD, Rows, interval_text, pair_rows, single_rows
from .comparison_views import comparison_views
from .growth import MEASURABLE_PERCENT

_EXPLAINED = (
    f"Trend: a change of volume of less than {MEASURABLE_PERCENT:.0f} % counts as stable, as it lies within the error "
    "of measuring. Doubling time by exponential growth; of a stable nodule it is little more than noise. Distance: "
    "between the centres, after the lungs were laid on each other."
)
_RINGS = (
    "Each scan as it is, in planes of its own patient axes, on the same scale. The ring has the place in its middle; "
    "it is no outline. Letters at the edges: R, L right and left of the patient, A, P front and back, H, F head and "
    "foot."
)
_STYLE = """
.views.beside { grid-template-columns: repeat(4, minmax(0, 1fr)); }
@media screen and (max-width: 800px) { .views.beside { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
"""
_WORDS = frozenset({"Before", "After", "Trend", "Remark", "Finding", SINGLE_HEAD[-1]})  # all other columns are numbers


def comparison_html(comparison: Comparison, before: Volume, after: Volume) -> bytes:
    """Encode the page; every text from outside is escaped. ``before`` and ``after`` are the scans."""
    title = "Lung nodules at two dates"
    return html_page(title, (f"<h1>{title}</h1>", *_parts(comparison, before, after)), style=CASE_STYLE + _STYLE)


def _parts(comparison: Comparison, before: Volume, after: Volume) -> Iterator[str]:
    yield NOTICE
    if comparison.status == "rejected":
        yield f"<p><b>Not compared ({escape(interval_text(comparison))}). {escape(comparison.reason)}</b></p>"
    else:
        yield _counts(comparison)
    yield f"<h2>Warnings</h2>{said_codes(comparison.codes)}" if comparison.codes else ""
    if comparison.status != "rejected":
        yield from _nodules(comparison)
        yield from _pictures(comparison, before, after)
    yield from _made_with(comparison)


def _counts(comparison: Comparison) -> str:
    days = comparison.interval_days
    interval = ("interval", "not known") if days is None else ("day apart" if days == 1 else "days apart", days)
    counts = (comparison.pairs, "in both scans"), (comparison.new, "new"), (comparison.vanished, "vanished")
    return numbers([*((what, len(some)) for some, what in counts), interval])


def _nodules(comparison: Comparison) -> Iterator[str]:
    pairs = [f"pair-{followed.pair.before.finding_id}" for followed in comparison.pairs]
    yield f"<h2>In both scans</h2>{_linked(PAIR_HEAD, pair_rows(comparison), pairs)}"
    yield f'<p class="quiet">{escape(_EXPLAINED)}</p>'
    for kind, singles in (("new", comparison.new), ("vanished", comparison.vanished)):
        names = [f"{kind}-{single.nodule.finding_id}" for single in singles]
        yield f"<h2>{kind.capitalize()}</h2>{_linked(SINGLE_HEAD, single_rows(singles), names)}"
    yield f'<p class="quiet">{escape(CAVEAT)}</p>'


def _linked(head: Sequence[str], rows: Rows, names: Sequence[str]) -> str:
    """Lay out rows whose first cell leads to their pictures."""
    columns = [Column(name, numeric=name not in _WORDS, sortable=False) for name in head]
    cells = (
        [Cell(f'<a href="#{name}">{escape(row[0])}</a>'), *map(text, row[1:])]
        for name, row in zip(names, rows, strict=True)
    )
    return table(columns, cells)


def _pictures(comparison: Comparison, before: Volume, after: Volume) -> Iterator[str]:
    views = comparison_views(comparison, before, after)
    if views:
        yield f'<h2>Side by side</h2>{window_choice(with_findings=False)}<p class="quiet">{escape(_RINGS)}</p>{views}'


def _made_with(comparison: Comparison) -> Iterator[str]:
    sides = [
        (name, side.case_id, str(len(side.nodules)), side.bundle, side.model[1][:12])
        for name, side in (("before", comparison.before), ("after", comparison.after))
    ]
    yield f"<h2>Scans</h2>{text_table(('Scan', 'Case', 'Findings', 'Bundle', 'Weights'), sides, left=5)}"
    if comparison.alignment is not None:
        quality = comparison.alignment
        figures = (
            (quality.inner_correlation, 2),
            (quality.lung_surface_distance_mm, 1),
            (100 * quality.common_share, 0),
            (quality.rotation_deg, 1),
        )
        row = (quality.judgement, *(number_text(value, digits) for value, digits in figures))
        head = ("Correlation in the lungs", "Between lung surfaces, mm", "In common, %", "Turned by, degrees")
        yield f"<h2>Alignment of the lungs</h2>{text_table(('Alignment', *head), [row])}"
