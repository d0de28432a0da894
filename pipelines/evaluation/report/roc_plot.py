"""ROC of the model beside that of the diameter alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..column import column
from ..label_rules import sides_of
from ..nodule_outcome import NoduleOutcome
from ..roc_auc import roc_auc
from ..roc_curve import roc_curve
from .draw_plot import draw_plot
from .drawing import Drawing
from .series import Series


def roc_plot(outcomes: Sequence[NoduleOutcome], rule: str, *, title: str) -> Drawing | None:
    """Draw the ROC curves by one of the label rules; None where a side is missing."""
    sides = sides_of(outcomes, rule)
    scores = {
        "model": column(outcomes, lambda o: o.malignancy_probability),
        "diameter alone": column(outcomes, lambda o: o.diameter_mm),
    }
    curves = [curve for name, score in scores.items() if len((curve := _curve(name, score, sides)).x)]
    if not curves:
        return None
    return draw_plot(
        [Series(name="", x=(0, 1), y=(0, 1), kind="reference"), *curves],
        title=title,
        x_label="benign called malignant (1 \u2212 specificity)",
        y_label="malignant called malignant (sensitivity)",
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
    )


def _curve(name: str, score: npt.NDArray[np.float64], sides: npt.NDArray[np.int64]) -> Series:
    false, true = roc_curve(score, sides)
    area = roc_auc(score[sides != 0], sides[sides != 0] > 0)
    return Series(name=f"{name}, AUC {area:.3f}", x=false.tolist(), y=true.tolist())
