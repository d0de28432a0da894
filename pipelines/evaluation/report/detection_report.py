"""``report.html`` of detections: FROC, overlap and what was left out, on one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import isfinite
from typing import TYPE_CHECKING, Any

from ...results.page.number_text import number_text
from ...results.page.text_table import text_table
from ...results.research_use import RESEARCH_USE
from .drawing import Drawing
from .page import page
from .svg import svg

if TYPE_CHECKING:
    from ..detection.predictions import Fault
    from ..detection.score_detections import Curve, Scores

_NONE = "\u2013"
_MOST_FAULTS = 50
"""Rows of the page; faulty_rows.csv holds all."""
_LIMITS = (
    "A sensitivity holds for the scans and the annotations it was measured on; a nodule that nobody annotated counts as"
    " a false positive.",
    "Intervals are by patient where the truth names patients, else by scan.",
)


def detection_report(scores: Scores, faults: Sequence[Fault], plots: Mapping[str, Drawing]) -> bytes:
    """Encode the page; ``plots`` are drawn in their order."""
    return page("Detections: figures", _parts(scores, faults, plots))


def _parts(scores: Scores, faults: Sequence[Fault], plots: Mapping[str, Drawing]) -> Iterator[str]:
    metrics: Mapping[str, Any] = scores.metrics
    yield "<h1>Detections: figures</h1>"
    yield f'<p class="quiet">{escape(RESEARCH_USE)} In brackets: {escape(metrics["interval"])}.</p>'
    yield f"<p>{escape(str(metrics.get('rule') or metrics.get('what_it_is', '')))}</p>"
    yield '<div class="plots">' + "".join(f"<figure>{svg(plot)}</figure>" for plot in plots.values()) + "</div>"
    yield "<h2>Sensitivity by false positives per scan</h2>"
    yield _curves(scores.curves)
    if metrics.get("operating_points"):
        yield "<h2>Operating points</h2>" + _operating_points(metrics["operating_points"])
    if metrics.get("by_diameter"):
        yield "<h2>By diameter, at one false positive per scan</h2>" + _by_diameter(metrics["by_diameter"])
    if "overlap" in metrics:
        yield "<h2>Overlap of boxes</h2>" + _overlap(metrics["overlap"])
    if "rows" in metrics and "candidates" in metrics:
        yield "<h2>What was counted</h2>" + _counts(metrics)
    if faults:
        rows = [(fault.where, fault.reason) for fault in faults[:_MOST_FAULTS]]
        yield f"<h2>Faulty rows ({len(faults)})</h2>" + text_table(("where", "reason"), rows, left=2)
    limits = [str(metrics["what_it_is_not"])] if "what_it_is_not" in metrics else _LIMITS
    yield "<h2>What this is not</h2><ul>" + "".join(f"<li>{escape(line)}</li>" for line in limits) + "</ul>"


def _curves(curves: Mapping[str, Curve]) -> str:
    from ..detection.froc import RATES

    columns = [("scans", "nodules", *(f"at {rate:g}" for rate in RATES), "CPM")]
    for curve in curves.values():
        froc = curve.froc
        cells = [_with(v, i) for v, i in zip(froc.sensitivity_at(), curve.intervals.sensitivity, strict=True)]
        columns.append((str(froc.n_scans), str(froc.n_nodules), *cells, _with(froc.cpm, curve.intervals.cpm)))
    head = ("false positives per scan", *(name.replace("_", " ") for name in curves))
    return text_table(head, zip(*columns, strict=True))


def _with(value: float, interval: tuple[float, float]) -> str:
    if not isfinite(value):
        return _NONE
    text = number_text(value, 3)
    return f"{text} ({number_text(interval[0], 3)} to {number_text(interval[1], 3)})" if isfinite(interval[0]) else text


def _operating_points(points: Sequence[Mapping[str, Any]]) -> str:
    names = [name for name, value in points[0].items() if not isinstance(value, Mapping | list)]
    rows = [[_number(point[name]) for name in names] for point in points]
    return text_table([name.replace("_", " ") for name in names], rows)


def _by_diameter(groups: Sequence[Mapping[str, Any]]) -> str:
    rows = [(_range(g["from_mm"], g["below_mm"]), str(g["n_nodules"]), _number(g["sensitivity"])) for g in groups]
    return text_table(("diameter", "nodules", "sensitivity"), rows)


def _range(low: float, high: float | None) -> str:
    return f"{low:g} mm and more" if high is None or not isfinite(high) else f"{low:g} to below {high:g} mm"


def _overlap(overlap: Mapping[str, Any] | None) -> str:
    if overlap is None:
        return "<p>The candidates have no size: average precision and recall (AP, AR) in 3D cannot be told.</p>"
    rows = [(iou, _number(overlap["ap"][iou]), _number(overlap["ar"][iou])) for iou in overlap["ap"]]
    return text_table(("IoU at least", "AP", "AR"), rows)


def _counts(metrics: Mapping[str, Any]) -> str:
    counted = [(part, metrics[part].items()) for part in ("candidates", "rows")]
    rows = [(f"{part}: {name.replace('_', ' ')}", str(n)) for part, counts in counted for name, n in counts]
    return text_table(("what", "number"), rows)


def _number(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, int | float) and isfinite(value) else _NONE
