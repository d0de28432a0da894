"""Differences of two measurements against their mean."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...results.page.number_text import number_text
from ..statistic.limit_of import NORMAL_95, limit_of
from .draw_plot import draw_plot
from .drawing import Drawing
from .series import Series


def bland_altman_plot(
    means: npt.NDArray[np.float64], differences: npt.NDArray[np.float64], *, title: str, x_label: str, y_label: str
) -> Drawing | None:
    """Draw each case, the bias, and the 95 % limits of agreement (Bland and Altman 1986); None for less than two."""
    known = np.isfinite(means) & np.isfinite(differences) & (means > 0)
    x, y = means[known], differences[known]
    if len(x) < 2:
        return None
    once = np.ones((1, len(y)))
    bias, low, high = (float(limit_of(y, deviations=d)(once)[0]) for d in (0.0, -NORMAL_95, NORMAL_95))
    said = [number_text(v, 2) for v in (bias, low, high)]
    ends = [float(x.min()) / 1.1, float(x.max()) * 1.1]
    return draw_plot(
        [
            Series(name="nodule", x=x.tolist(), y=y.tolist(), kind="points"),
            *(Series(name="", x=ends, y=[limit] * 2, kind="reference") for limit in (low, high)),
            Series(name=f"bias {said[0]}, limits {said[1]} and {said[2]}", x=ends, y=[bias] * 2),
        ],
        title=title,
        x_label=x_label,
        y_label=y_label,
        x_log=True,
        x_range=(ends[0], ends[1]),
    )
