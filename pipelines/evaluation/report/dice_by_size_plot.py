"""Dice against the size of what was outlined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..patient_draws import PatientDraws
from ..statistic.mean_of import mean_of
from .draw_plot import draw_plot
from .drawing import Drawing
from .series import Series

Values = npt.NDArray[np.float64]


def dice_by_size_plot(
    size: Values,
    dice: Values,
    groups: Sequence[npt.NDArray[np.bool_]],
    draws: PatientDraws,
    *,
    of: str,
    title: str,
    x_label: str,
) -> Drawing | None:
    """Draw the Dice of each case, and the mean of each size group with its interval at the group's mean size.

    Parameters
    ----------
    size, dice : of each case; one without a size above 0 or without a Dice is left out. None where none is left.
    groups : of sizes; which cases are in each.
    of : what a case is.
    """
    known = (size > 0) & np.isfinite(dice)
    if not known.any():
        return None
    chosen = [rows & known for rows in groups if (rows & known).any()]
    figures = [draws.of(rows).figure(mean_of(dice[rows])) for rows in chosen]
    means = Series(
        name="mean of size group, 95 % interval",
        x=[float(size[rows].mean()) for rows in chosen],
        y=[f.value for f in figures],
        low=[f.low for f in figures],
        high=[f.high for f in figures],
        kind="both",
    )
    return draw_plot(
        [Series(name=of, x=size[known].tolist(), y=dice[known].tolist(), kind="points"), means],
        title=title,
        x_label=x_label,
        y_label="Dice",
        x_log=True,
        y_range=(0.0, 1.0),
    )
