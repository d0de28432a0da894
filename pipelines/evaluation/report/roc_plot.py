"""ROC curves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ..label_rules import Sides
from ..roc_auc import roc_auc
from ..roc_curve import roc_curve
from .draw_plot import draw_plot
from .drawing import Drawing
from .series import Series

Scored = tuple[npt.NDArray[np.float64], Sides]
"""A score, and which side each case is on."""


def roc_plot(curves: Mapping[str, Scored], *, title: str, x_label: str, y_label: str) -> Drawing | None:
    """Draw a curve for each name, which the legend has with its area; one that lacks a side is left out.

    None where none is left.
    """
    drawn = [curve for name, scored in curves.items() if len((curve := _curve(name, *scored)).x)]
    if not drawn:
        return None
    return draw_plot(
        [Series(name="", x=(0, 1), y=(0, 1), kind="reference"), *drawn],
        title=title,
        x_label=x_label,
        y_label=y_label,
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
    )


def _curve(name: str, score: npt.NDArray[np.float64], sides: Sides) -> Series:
    false, true = roc_curve(score, sides)
    area = roc_auc(score[sides != 0], sides[sides != 0] > 0)
    return Series(name=f"{name}, AUC {area:.3f}", x=false.tolist(), y=true.tolist())
