"""Reliability diagram."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..column import column
from ..label_rules import malignant_label
from ..nodule_outcome import NoduleOutcome
from ..patient_draws import PatientDraws
from ..reliability_bins import reliability_bins
from .draw_plot import draw_plot
from .drawing import Drawing
from .series import Series


def reliability_plot(outcomes: Sequence[NoduleOutcome], draws: PatientDraws) -> Drawing | None:
    """Draw observed against said frequency where the mean rating is clear, with intervals by patient; None without."""
    happened = column(outcomes, malignant_label)
    if not np.isfinite(happened).any():
        return None
    told = column(outcomes, lambda o: o.malignancy_probability)
    raw = column(outcomes, lambda o: o.raw_malignancy_probability)
    series = [Series(name="", x=(0, 1), y=(0, 1), kind="reference")]
    for name, probability in (("as told", told), ("before calibration", raw)):
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
    return draw_plot(
        series,
        title="Reliability of the malignancy probability",
        x_label="probability told (mean of bin)",
        y_label="share rated malignant",
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
    )
