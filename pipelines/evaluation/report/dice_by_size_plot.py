"""Dice against diameter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..column import column
from ..nodule_outcome import NoduleOutcome
from ..patient_draws import PatientDraws
from ..statistic.mean_of import mean_of
from ..subgroups import subgroups
from .draw_plot import draw_plot
from .drawing import Drawing
from .series import Series


def dice_by_size_plot(outcomes: Sequence[NoduleOutcome], draws: PatientDraws) -> Drawing | None:
    """Draw the Dice of each nodule, and the mean of each size group with its interval at the group's mean diameter."""
    size, dice = column(outcomes, lambda o: o.diameter_mm), column(outcomes, lambda o: o.dice)
    known = (size > 0) & np.isfinite(dice)
    groups = [rows & known for rows in subgroups(outcomes)["diameter"].values() if (rows & known).any()]
    if not known.any():
        return None
    figures = [draws.of(rows).figure(mean_of(dice[rows])) for rows in groups]
    means = Series(
        name="mean of size group, 95 % interval",
        x=[float(size[rows].mean()) for rows in groups],
        y=[f.value for f in figures],
        low=[f.low for f in figures],
        high=[f.high for f in figures],
        kind="both",
    )
    return draw_plot(
        [Series(name="nodule", x=size[known].tolist(), y=dice[known].tolist(), kind="points"), means],
        title="Dice with the readers' majority",
        x_label="longest axial diameter by the readers, mm",
        y_label="Dice",
        x_log=True,
        y_range=(0.0, 1.0),
    )
