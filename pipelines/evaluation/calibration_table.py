"""Every form of calibration, fitted and judged on other patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from ..calibration import LEAST
from ..results.plain_json import Plain
from .column import column
from .cross_calibrated import cross_calibrated
from .fit_calibration import FORMS
from .fit_outcomes import fit_outcomes
from .label_rules import RULES, malignant_label
from .nodule_outcome import NoduleOutcome
from .patient_draws import PatientDraws
from .plain_figures import plain_figures
from .statistic.ece_of import ece_of
from .statistic.mean_of import mean_of
from .statistic.statistic import Statistic, Values


def calibration_table(outcomes: Sequence[NoduleOutcome], draws: PatientDraws) -> dict[str, Plain]:
    """Fit each of :data:`FORMS` on all clear nodules, and judge it by what it says of patients it was not fitted on.

    ``none`` is the probability before calibration. The parameters are those of ``resmtnet.pipelines.calibration``.
    """
    label = column(outcomes, malignant_label)
    before = column(outcomes, lambda o: o.uncalibrated_probability)
    forms: dict[str, Plain] = {"none": _judged(before, label, draws)}
    for form in FORMS:
        fitted: dict[str, Plain] = {**asdict(fit_outcomes(outcomes, form=form))}
        forms[form] = fitted | _judged(cross_calibrated(outcomes, form=form), label, draws)
    return {"label_rule": RULES["mean"], "n": int(np.isfinite(label).sum()), "forms": forms}


def _judged(probability: Values, label: Values, draws: PatientDraws) -> dict[str, Plain]:
    p = np.clip(probability, LEAST, 1 - LEAST)
    statistics: dict[str, Statistic] = {
        "ece": ece_of(probability, label),
        "brier": mean_of((probability - label) ** 2),
        "log_loss": mean_of(-label * np.log(p) - (1 - label) * np.log(1 - p)),
    }
    return plain_figures({name: draws.figure(statistic) for name, statistic in statistics.items()})
