"""The files of a scoring."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import numpy as np

from ...results.plain_json import plain_json
from ..report.detection_report import detection_report
from ..report.draw_plot import draw_plot
from ..report.drawing import Drawing
from ..report.overlap_plot import overlap_plot
from ..report.png import png
from ..report.series import Series
from ..report.svg import svg
from .froc import RATES, Froc
from .predictions import Fault
from .score_detections import Curve, Scores

_DRAWN = np.geomspace(RATES[0], RATES[-1], 121)


def detection_files(scores: Scores, faults: Sequence[Fault]) -> Mapping[str, bytes]:
    """Encode metrics.json, the curves (froc.csv, .svg, .png), report.html, and faulty_rows.csv where there are any."""
    files = {"metrics.json": plain_json(scores.metrics), "froc.csv": _froc_csv(scores.curves)}
    plots = {}
    if any(curve.froc.n_nodules for curve in scores.curves.values()):
        plots["froc"] = _plot(scores.curves)
    if isinstance(overlap := scores.metrics.get("overlap"), Mapping):
        plots["overlap"] = overlap_plot(overlap)
    for name, drawing in plots.items():
        files |= {f"{name}.svg": svg(drawing).encode(), f"{name}.png": png(drawing)}
    files["report.html"] = detection_report(scores, faults, plots)
    if faults:
        files["faulty_rows.csv"] = _csv(("where", "reason"), [(fault.where, fault.reason) for fault in faults])
    return files


def _froc_csv(curves: Mapping[str, Curve]) -> bytes:
    """Every corner of each curve; between two of them it is straight."""
    header = ("denominator", "probability", "false_positives_per_scan", "sensitivity")
    rows = []
    for name, curve in curves.items():
        froc = curve.froc
        rows += [
            (name, froc.thresholds[n], froc.false_positives_per_scan[n], froc.sensitivity[n]) for n in _corners(froc)
        ]
    return _csv(header, [(name, *(f"{v:.9g}" for v in values)) for name, *values in rows])


def _corners(froc: Froc) -> Sequence[int]:
    if froc.n_nodules == 0:
        return range(0)
    rises = np.flatnonzero(np.diff(froc.sensitivity))
    return sorted({0, len(froc.thresholds) - 1, *rises.tolist(), *(rises + 1).tolist()})


def _plot(curves: Mapping[str, Curve]) -> Drawing:
    series = []
    for name, curve in curves.items():
        if curve.froc.n_nodules:
            label = f"{name.replace('_', ' ')} ({curve.froc.n_scans}), CPM {curve.froc.cpm:.3f}"
            series.append(Series(name=label, x=_DRAWN.tolist(), y=curve.froc.sensitivity_at(_DRAWN.tolist())))
    return draw_plot(
        [*series, *_whiskers(curves["all_scans"])],
        title="Free-response ROC",
        x_label="false positives per scan",
        y_label="sensitivity",
        x_log=True,
        x_range=(RATES[0], RATES[-1]),
        y_range=(0.0, 1.0),
    )


def _whiskers(curve: Curve) -> list[Series]:
    """Intervals at the seven rates."""
    ends = curve.intervals.sensitivity
    if not np.isfinite(ends).all():
        return []
    low, high = [a for a, _ in ends], [b for _, b in ends]
    return [Series(name="", x=RATES, y=curve.froc.sensitivity_at(), kind="points", low=low, high=high)]


def _csv(header: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
