"""Average precision and recall by the overlap that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .draw_plot import draw_plot
from .drawing import Drawing
from .series import Series


def overlap_plot(overlap: Mapping[str, Any]) -> Drawing:
    """Draw AP and AR (``{"ap": {iou: value}, "ar": ...}``, None where there is none) over the IoU threshold."""
    series = []
    for name in ("ap", "ar"):
        known = [(float(iou), float(value)) for iou, value in overlap[name].items() if value is not None]
        series.append(Series(name=name.upper(), x=[iou for iou, _ in known], y=[value for _, value in known]))
    ious = [float(iou) for iou in overlap["ap"]]
    return draw_plot(
        [s for s in series if s.x],
        title="Overlap of boxes",
        x_label="IoU at least",
        y_label="average precision, recall",
        x_range=(min(ious), max(ious)),
        y_range=(0.0, 1.0),
    )
