"""The plots of a set of judged nodules."""

from __future__ import annotations

from collections.abc import Sequence

from ..column import column
from ..label_rules import malignant_label, sides_of
from ..nodule_outcome import NoduleOutcome
from ..patient_draws import PatientDraws
from ..subgroups import subgroups
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
        "roc": _roc(outcomes, "mean", title="Malignancy: mean rating > 3.5 against < 2.5"),
        "roc_modal": _roc(outcomes, "modal", title="Malignancy: modal rating 4-5 against 1-2"),
        "roc_6_14mm": _roc(outcomes, "6_14mm", title="Malignancy: modal rating, nodules of 6 to 14 mm"),
        "reliability": _reliability(outcomes, draws),
        "dice_by_size": dice_by_size_plot(
            column(outcomes, lambda o: o.diameter_mm),
            column(outcomes, lambda o: o.dice),
            list(subgroups(outcomes)["diameter"].values()),
            draws,
            of="nodule",
            title="Dice with the readers' majority",
            x_label="longest axial diameter by the readers, mm",
        ),
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


def _roc(outcomes: Sequence[NoduleOutcome], rule: str, *, title: str) -> Drawing | None:
    """Draw the model beside the diameter alone, by one of the label rules."""
    sides = sides_of(outcomes, rule)
    scores = {
        "model": column(outcomes, lambda o: o.malignancy_probability),
        "diameter alone": column(outcomes, lambda o: o.diameter_mm),
    }
    return roc_plot(
        {name: (score, sides) for name, score in scores.items()},
        title=title,
        x_label="benign called malignant (1 \u2212 specificity)",
        y_label="malignant called malignant (sensitivity)",
    )


def _reliability(outcomes: Sequence[NoduleOutcome], draws: PatientDraws) -> Drawing | None:
    """Draw what was told where the mean rating is clear."""
    happened = column(outcomes, malignant_label)
    told = column(outcomes, lambda o: o.malignancy_probability)
    raw = column(outcomes, lambda o: o.raw_malignancy_probability)
    return reliability_plot(
        {"as told": (told, happened), "before calibration": (raw, happened)},
        draws,
        title="Reliability of the malignancy probability",
        y_label="share rated malignant",
    )


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
