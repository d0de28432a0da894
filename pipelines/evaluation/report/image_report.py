"""``report.html``: all figures of a set of labelled images on one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from ...results.page.number_text import number_text
from ...results.page.numbers import numbers
from ...results.page.text_table import text_table
from ...results.research_use import RESEARCH_USE
from .drawing import Drawing
from .image_tables import class_table, lesion_table, positive_table
from .page import page
from .svg import svg

_LIMITS = (
    "Labels are those of the data set; how they came about is said there, not here.",
    "Intervals are by group: the patient, or what stands for one. They hold for images like these, of the same source; "
    "not for other machines, hospitals or populations.",
    "The share of each class is that of the data set, not that of a clinic; precision and accuracy depend on it.",
)


def image_report(metrics: Mapping[str, Any], plots: Mapping[str, Drawing], about: Mapping[str, str]) -> bytes:
    """Encode the page.

    Parameters
    ----------
    metrics : of :func:`.image_metrics`.
    plots : by name.
    about : of data, split, command, ..., by name; empty ones are left out.
    """
    return page("Labelled images: figures", _parts(metrics, plots, about))


def _parts(metrics: Mapping[str, Any], plots: Mapping[str, Drawing], about: Mapping[str, str]) -> Iterator[str]:
    positive, classes = str(metrics["positive"]), list(metrics["classes"])
    against = ", ".join(name for name in classes if name not in (positive, metrics["normal"]))
    yield "<h1>Labelled images: figures</h1>"
    yield f'<p class="quiet">{escape(RESEARCH_USE)} In brackets: {escape(metrics["interval"])}.</p>'
    yield _numbers(metrics)
    yield text_table(("Where from", ""), [(name, text) for name, text in about.items() if text], left=2)
    yield "<h2>Classes</h2>"
    yield class_table(metrics)
    yield _figures(plots, ("confusion",))
    yield f"<h2>{escape(positive)}</h2>"
    yield f"<p>The score is the probability of {escape(positive)}.</p>"
    yield positive_table(metrics, against)
    yield _figures(plots, ("roc", "reliability"))
    if "dice_mean" in metrics:
        yield "<h2>Outlines</h2>"
        yield (
            "<p>On the grid of the image file. An empty prediction on an image without a lesion scores nothing: it is"
            " no Dice of 1.</p>"
        )
        yield lesion_table(metrics)
        yield _figures(plots, ("dice_by_size",))
    yield "<h2>What this is not</h2><ul>" + "".join(f"<li>{escape(line)}</li>" for line in _LIMITS) + "</ul>"


def _numbers(metrics: Mapping[str, Any]) -> str:
    items = [
        ("groups", metrics["n_groups"], 0),
        ("images", metrics["n_images"], 0),
        ("accuracy", metrics["accuracy"], 3),
        ("macro F1", metrics["macro_f1"], 3),
        (f"AUC, {metrics['positive']} against all others", metrics["auc"], 3),
        *([("Dice", metrics["dice_mean"], 3)] if "dice_mean" in metrics else []),
    ]
    return numbers((name, "\u2013" if value is None else number_text(value, digits)) for name, value, digits in items)


def _figures(plots: Mapping[str, Drawing], names: tuple[str, ...]) -> str:
    drawn = "".join(f"<figure>{svg(plots[name])}</figure>" for name in names if name in plots)
    return f'<div class="plots">{drawn}</div>' if drawn else ""
