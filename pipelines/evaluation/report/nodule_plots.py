"""The plots of a set of judged nodules."""

from __future__ import annotations

from collections.abc import Sequence

from ..column import column
from ..nodule_outcome import NoduleOutcome
from ..patient_draws import PatientDraws
from ..uncertainty_curves import uncertainty_curves
from .bland_altman_plot import bland_altman_plot
from .dice_by_size_plot import dice_by_size_plot
from .drawing import Drawing
from .reliability_plot import reliability_plot
from .roc_plot import roc_plot
from .uncertainty_plot import uncertainty_plot


def nodule_plots(outcomes: Sequence[NoduleOutcome], draws: PatientDraws) -> dict[str, Drawing]:
    """Draw ROC, reliability, agreement of size, Dice, and uncertainty, by file name; what has no cases is left out."""
    curves = uncertainty_curves(outcomes, draws)
    plots = {
        "roc": roc_plot(outcomes, "mean", title="Malignancy: mean rating > 3.5 against < 2.5"),
        "roc_modal": roc_plot(outcomes, "modal", title="Malignancy: modal rating 4-5 against 1-2"),
        "roc_6_14mm": roc_plot(outcomes, "6_14mm", title="Malignancy: modal rating, nodules of 6 to 14 mm"),
        "reliability": reliability_plot(outcomes, draws),
        "dice_by_size": dice_by_size_plot(outcomes, draws),
        "diameter_agreement": _diameter(outcomes),
        "volume_agreement": _volume(outcomes),
        "uncertainty_malignancy": uncertainty_plot(
            curves["malignancy"],
            title="Malignancy: error by uncertainty",
            x_label="predicted SD of the readers' score",
            y_label="|probability \u2212 share of readers|",
        ),
        "uncertainty_outline": uncertainty_plot(
            curves["outline"],
            title="Outline: error by uncertainty",
            x_label="uncertainty of the mask",
            y_label="1 \u2212 Dice",
        ),
    }
    return {name: plot for name, plot in plots.items() if plot is not None}


def _diameter(outcomes: Sequence[NoduleOutcome]) -> Drawing | None:
    truth, said = (
        column(outcomes, lambda o: o.diameter_mm),
        column(outcomes, lambda o: o.predicted_diameter_mm),
    )
    return bland_altman_plot(
        (truth + said) / 2,
        said - truth,
        title="Longest axial diameter: model \u2212 readers",
        x_label="mean of both, mm",
        y_label="difference, mm",
    )


def _volume(outcomes: Sequence[NoduleOutcome]) -> Drawing | None:
    truth, said = column(outcomes, lambda o: o.volume_mm3), column(outcomes, lambda o: o.predicted_volume_mm3)
    return bland_altman_plot(
        (truth + said) / 2,
        200 * (said - truth) / (said + truth),
        title="Volume: model \u2212 readers",
        x_label="mean of both, mm\u00b3",
        y_label="difference, % of the mean of both",
    )
