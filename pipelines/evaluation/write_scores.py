"""Everything that is written of a set of judged nodules."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..results.atomic_write import atomic_write
from ..results.plain_json import Plain
from .calibration_table import calibration_table
from .nodule_metrics import Metrics, nodule_metrics
from .nodule_outcome import NoduleOutcome
from .outcomes_csv import outcomes_csv
from .outcomes_file import write_outcomes
from .patient_draws import draw_patients
from .report.nodule_plots import nodule_plots
from .report.nodule_report import nodule_report
from .report.write_plots import write_plots


def write_scores(
    outcomes: Sequence[NoduleOutcome],
    folder: Path,
    *,
    about: Mapping[str, str] | None = None,
    extra: Mapping[str, Plain] | None = None,
    draws: int = 2000,
) -> Metrics:
    """Write metrics, outcomes, calibration, plots and a page about them; each file is whole or not there.

    ``metrics.json`` (:func:`nodule_metrics`), ``outcomes.json``, ``outcomes.csv``, ``calibration.json``
    (:func:`calibration_table`), ``plots/NAME.svg`` and ``.png``, and ``report.html``, which needs none of the others.

    Parameters
    ----------
    about : what to say on the page of where the figures come from (data, split, command, ...), by name.
    extra : further entries of ``metrics.json``.
    draws : of patients, for the intervals.

    Returns
    -------
    What ``metrics.json`` holds.
    """
    drawn = draw_patients([o.patient_id for o in outcomes], draws=draws)
    metrics: Metrics = {**(extra or {}), **nodule_metrics(outcomes, draws=draws)}
    calibration = calibration_table(outcomes, drawn)
    plots = nodule_plots(outcomes, drawn)
    folder.mkdir(parents=True, exist_ok=True)
    write_outcomes(outcomes, folder / "outcomes.json")
    atomic_write(folder / "outcomes.csv", outcomes_csv(outcomes))
    write_plots(plots, folder / "plots")
    write_figures(calibration, folder / "calibration.json")
    atomic_write(folder / "report.html", nodule_report(metrics, calibration, plots, about or {}))
    write_figures(metrics, folder / "metrics.json")
    return metrics


def write_figures(figures: Mapping[str, Plain], path: Path) -> None:
    """Write figures as JSON in their order, which goes from what matters most to least."""
    atomic_write(path, (json.dumps(figures, indent=2, allow_nan=False) + "\n").encode())
