"""Reliability diagram."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ..patient_draws import PatientDraws
from ..reliability_bins import reliability_bins
from .draw_plot import draw_plot
from .drawing import Drawing
from .series import Series

Values = npt.NDArray[np.float64]


def reliability_plot(
    told: Mapping[str, tuple[Values, Values]], draws: PatientDraws, *, title: str, y_label: str
) -> Drawing | None:
    """Draw observed against said frequency, with intervals by patient; None where no case is known.

    Parameters
    ----------
    told : by name in the legend: the probability that was said of each case, and whether it happened (1, 0, or nan).
    """
    series = [Series(name="", x=(0, 1), y=(0, 1), kind="reference")]
    for name, (probability, happened) in told.items():
        bins = reliability_bins(probability, happened, draws)
        if bins:
            series.append(
                Series(
                    name=name,
                    x=[b.said for b in bins],
                    y=[b.observed.value for b in bins],
                    low=[b.observed.low for b in bins],
                    high=[b.observed.high for b in bins],
                    kind="both",
                )
            )
    if len(series) == 1:
        return None
    return draw_plot(
        series,
        title=title,
        x_label="probability told (mean of bin)",
        y_label=y_label,
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
    )
