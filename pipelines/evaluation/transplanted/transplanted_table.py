"""The figures on planted nodules as a few lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from ..detection.froc import RATES
from ..detection.operating_point import choose_operating_point
from ..detection.score_detections import Scores
from .row_figures import OPERATING_RATES


def transplanted_table(scores: Scores) -> str:
    """Write sensitivities by row, and the operating points of the first."""
    return "\n".join(_lines(scores))


def _lines(scores: Scores) -> Iterator[str]:
    yield f"{'sensitivity at':18}" + "".join(f"{rate:>8g}" for rate in RATES) + "  non-nodules per scan"
    for name, curve in scores.curves.items():
        low, high = curve.intervals.sensitivity[RATES.index(2.0)]
        values = "".join(f"{v:8.3f}" for v in curve.froc.sensitivity_at())
        what = f"{curve.froc.n_scans} copies, {curve.froc.n_nodules} targets; at 2: {low:.3f} to {high:.3f} (95 %)"
        yield f"{name.replace('_', ' '):18}{values}  {what}"
    for rate in OPERATING_RATES:
        point = choose_operating_point(scores.curves["all_scans"].froc, rate)
        found = f"sensitivity {point.sensitivity:.3f} at {point.false_positives_per_scan:.2f}"
        yield f"at most {rate:g} per scan: probability {point.threshold:.4f}, {found}"
    if scores.metrics.get("left_out"):
        yield "some scans or copies were left out: see metrics.json"
