"""``report.html``: all figures of a set of nodules on one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from ...results.page.number_text import number_text
from ...results.page.numbers import numbers
from ...results.page.text_table import text_table
from ...results.research_use import RESEARCH_USE
from .drawing import Drawing
from .nodule_tables import (
    attribute_table,
    calibration_rows,
    malignancy_table,
    outline_table,
    subgroup_tables,
    uncertainty_table,
)
from .page import page
from .svg import svg

_LIMITS = (
    "Malignancy is the opinion of the readers, not pathology; a rating of 3 means that they could not tell.",
    "Masks, diameters and volumes are compared with the majority of the readers, who differ among themselves.",
    "Every case has a nodule: nothing here says how many false findings a scan without one would have.",
    "Intervals hold for patients like these, of the same source; not for other scanners, hospitals or populations.",
)


def nodule_report(
    metrics: Mapping[str, Any], calibration: Mapping[str, Any], plots: Mapping[str, Drawing], about: Mapping[str, str]
) -> bytes:
    """Encode the page.

    Parameters
    ----------
    metrics : of :func:`nodule_metrics`.
    calibration : of :func:`calibration_table`.
    plots : by name.
    about : of data, split, command, ..., by name; empty ones are left out.
    """
    return page("Annotated nodules: figures", _parts(metrics, calibration, plots, about))


def _parts(
    metrics: Mapping[str, Any], calibration: Mapping[str, Any], plots: Mapping[str, Drawing], about: Mapping[str, str]
) -> Iterator[str]:
    yield "<h1>Annotated nodules: figures</h1>"
    yield f'<p class="quiet">{escape(RESEARCH_USE)} In brackets: {escape(metrics["interval"])}.</p>'
    yield _numbers(metrics)
    yield text_table(("Where from", ""), [(name, text) for name, text in about.items() if text], left=2)
    yield "<h2>Malignancy</h2>"
    yield "<p>Area under the ROC curve. Diameter alone, as the readers outlined, is the floor: size explains most.</p>"
    yield malignancy_table(metrics)
    yield _figures(plots, ("roc", "roc_modal", "roc_6_14mm"))
    yield "<h2>Calibration</h2>"
    yield (
        f"<p>Where readers are clear ({escape(calibration['label_rule'])}; n = {calibration['n']}): is what was said"
        " with 80 % true of 80 %? Fitted forms are judged on patients that they were not fitted on.</p>"
    )
    yield calibration_rows(metrics, calibration)
    yield _figures(plots, ("reliability",))
    yield "<h2>Outline and size</h2>"
    yield (
        f"<p>Readers outlined {metrics['n_outlined']} nodules; {metrics['n_outlined_not_predicted']} of them have no"
        " predicted mask: their Dice is 0, and they have no distance of surfaces.</p>"
    )
    yield outline_table(metrics)
    yield _figures(plots, ("dice_by_size", "diameter_agreement", "volume_agreement"))
    yield "<h2>Attributes</h2>"
    yield attribute_table(metrics["attributes"])
    yield "<h2>Uncertainty</h2>"
    yield (
        "<p>Useful if errors lie where the network is unsure: a positive rank correlation, and a mean error over the"
        " surest shares below the mean error of all.</p>"
    )
    yield uncertainty_table(metrics["uncertainty"])
    yield _figures(plots, ("uncertainty_malignancy", "uncertainty_outline"))
    yield "<h2>Subgroups</h2>"
    yield "<p>AUC is given where at least five nodules are malignant and five benign.</p>"
    yield subgroup_tables(metrics["subgroups"])
    yield "<h2>What this is not</h2><ul>" + "".join(f"<li>{escape(line)}</li>" for line in _LIMITS) + "</ul>"


def _numbers(metrics: Mapping[str, Any]) -> str:
    items = [
        ("patients", metrics["n_patients"], 0),
        ("nodules", metrics["n_nodules"], 0),
        ("AUC, malignancy (mean rating)", metrics["malignancy_auc"], 3),
        ("Dice", metrics["dice_mean"], 3),
        ("mm mean error of diameter", metrics["diameter_mae_mm"], 2),
        ("calibration error (ECE)", metrics["ece"], 3),
    ]
    return numbers((name, "\u2013" if value is None else number_text(value, digits)) for name, value, digits in items)


def _figures(plots: Mapping[str, Drawing], names: tuple[str, ...]) -> str:
    drawn = "".join(f"<figure>{svg(plots[name])}</figure>" for name in names if name in plots)
    return f'<div class="plots">{drawn}</div>' if drawn else ""
