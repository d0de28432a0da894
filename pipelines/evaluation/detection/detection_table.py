"""The figures of a scoring as a few lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite

from ...results.plain_json import Plain
from .froc import RATES
from .score_detections import Curve, Scores

_LEFT_OUT = {
    "faulty": "faulty rows",
    "unknown_scan": "of scans that the truth does not know",
    "duplicate": "said twice",
    "over_limit": "beyond the limit per scan",
}


def detection_table(scores: Scores) -> str:
    """Write sensitivities and CPM by denominator, AP, and what was left out."""
    return "\n".join(_lines(scores))


def _lines(scores: Scores) -> Iterator[str]:
    yield f"{'sensitivity at':24}" + "".join(f"{_rate(rate):>7}" for rate in RATES) + "  CPM (95 %)"
    for name, curve in scores.curves.items():
        yield _curve_line(name.replace("_", " "), curve)
    yield from (_overlap_line(overlap) for overlap in [scores.metrics["overlap"]] if isinstance(overlap, Mapping))
    rows = scores.metrics["rows"]
    left_out = [f"{rows[key]} {words}" for key, words in _LEFT_OUT.items() if isinstance(rows, Mapping) and rows[key]]
    if left_out:
        yield "left out: " + ", ".join(left_out)


def _curve_line(name: str, curve: Curve) -> str:
    froc, (low, high) = curve.froc, curve.intervals.cpm
    values = "".join(f"{v:7.3f}" for v in froc.sensitivity_at())
    what = f"{froc.n_scans} scans, {froc.n_nodules} nodules"
    interval = f" ({low:.3f} to {high:.3f})" if isfinite(low) else ""
    return f"{name:24}{values}  {froc.cpm:.3f}{interval}; {what}"


def _overlap_line(overlap: Mapping[str, Plain]) -> str:
    def at(name: str, iou: str) -> str:
        values = overlap[name]
        value = values[iou] if isinstance(values, Mapping) else None
        return f"{value:.3f}" if isinstance(value, float) else "-"

    figures = [f"{name.upper()} {at(name, iou)} at IoU {iou}" for name in ("ap", "ar") for iou in ("0.1", "0.5")]
    return "boxes: " + ", ".join(figures)


def _rate(rate: float) -> str:
    return f"{rate:g}" if rate >= 1 else f"1/{1 / rate:g}"
