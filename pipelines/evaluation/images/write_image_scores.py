"""Everything that is written of a set of judged images."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...results.atomic_write import atomic_write
from ...results.plain_json import Plain
from ..patient_draws import draw_patients
from ..report.image_plots import image_plots
from ..report.image_report import image_report
from ..report.write_plots import write_plots
from ..write_scores import write_figures
from .image_metrics import Metrics, image_metrics
from .image_outcomes_csv import image_outcomes_csv
from .image_outcomes_file import write_image_outcomes
from .judged_images import JudgedImages


def write_image_scores(
    judged: JudgedImages,
    folder: Path,
    *,
    about: Mapping[str, str] | None = None,
    extra: Mapping[str, Plain] | None = None,
    draws: int = 2000,
) -> Metrics:
    """Write metrics, outcomes, plots and a page about them; each file is whole or not there.

    ``metrics.json`` (:func:`image_metrics`), ``outcomes.json``, ``outcomes.csv``, ``plots/NAME.svg`` and ``.png``, and
    ``report.html``, which needs none of the others.

    Parameters
    ----------
    about : what to say on the page of where the figures come from (data, split, command, ...), by name.
    extra : further entries of ``metrics.json``.
    draws : of groups, for the intervals.

    Returns
    -------
    What ``metrics.json`` holds.
    """
    metrics: Metrics = {**(extra or {}), **image_metrics(judged, draws=draws)}
    plots = image_plots(judged, draw_patients(judged.groups, draws=draws))
    folder.mkdir(parents=True, exist_ok=True)
    write_image_outcomes(judged, folder / "outcomes.json")
    atomic_write(folder / "outcomes.csv", image_outcomes_csv(judged))
    write_plots(plots, folder / "plots")
    atomic_write(folder / "report.html", image_report(metrics, plots, about or {}))
    write_figures(metrics, folder / "metrics.json")
    return metrics
