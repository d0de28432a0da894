"""The plots of a set of judged images."""

from __future__ import annotations

import numpy as np

from ..images.image_metrics import confusion
from ..images.judged_images import JudgedImages
from ..patient_draws import PatientDraws
from .confusion_plot import confusion_plot
from .dice_by_size_plot import dice_by_size_plot
from .drawing import Drawing
from .reliability_plot import reliability_plot
from .roc_plot import roc_plot

_SIZES_PERCENT = (0.0, 2.0, 5.0, 10.0, 20.0, 100.0)
"""Between size groups: lesion's share of the image. About a fifth of the lesions of a breast ultrasound set each."""


def image_plots(judged: JudgedImages, draws: PatientDraws) -> dict[str, Drawing]:
    """Draw ROC, confusion, reliability, and Dice by size, by file name; what has no cases is left out."""
    plots = {
        "roc": _roc(judged),
        "confusion": confusion_plot(confusion(judged), judged.classes, title="Images by true class and class said"),
        "reliability": _reliability(judged, draws),
        "dice_by_size": _dice_by_size(judged, draws),
    }
    return {name: plot for name, plot in plots.items() if plot is not None}


def _roc(judged: JudgedImages) -> Drawing | None:
    curves = {"against all others": (judged.score, judged.against_rest)}
    if judged.normal is not None:
        curves[f"against {judged.against_lesions_name}"] = (judged.score, judged.against_lesions)
    return roc_plot(
        curves,
        title=f"Images of the class {judged.positive}",
        x_label=f"others called {judged.positive} (1 \u2212 specificity)",
        y_label=f"{judged.positive} called so (sensitivity)",
    )


def _reliability(judged: JudgedImages, draws: PatientDraws) -> Drawing | None:
    right = (judged.said == judged.labels).astype(float)
    return reliability_plot(
        {
            "class said": (judged.probabilities.max(1, initial=0.0), right),
            judged.positive: (judged.score, (judged.against_rest > 0).astype(float)),
        },
        draws,
        title="Reliability of the probabilities",
        y_label="share of which it was true",
    )


def _dice_by_size(judged: JudgedImages, draws: PatientDraws) -> Drawing | None:
    percent = 100 * judged.column(lambda o: o.true_area)
    which = np.digitize(percent, _SIZES_PERCENT)
    return dice_by_size_plot(
        percent,
        judged.column(lambda o: o.dice),
        [which == n for n in range(1, len(_SIZES_PERCENT) + 1)],
        draws,
        of="image with a lesion",
        title="Dice by size of the lesion",
        x_label="lesion's share of the image, %",
    )
