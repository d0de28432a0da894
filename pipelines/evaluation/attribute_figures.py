"""Agreement with the readers on each attribute."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..results.plain_json import Plain
from .column import column
from .nodule_outcome import NoduleOutcome
from .patient_draws import PatientDraws
from .plain_figures import plain_figures
from .statistic.mean_of import mean_of
from .statistic.spearman_of import spearman_of


def attribute_figures(outcomes: Sequence[NoduleOutcome], draws: PatientDraws) -> dict[str, Plain]:
    """Compute rank correlation and mean absolute error, in steps of the scale, with the readers' mean, by attribute."""
    names = sorted({name for o in outcomes for name in o.attributes.keys() & o.predicted_attributes.keys()})
    return {name: _agreement(outcomes, name, draws) for name in names}


def _agreement(outcomes: Sequence[NoduleOutcome], name: str, draws: PatientDraws) -> dict[str, Plain]:
    truth, said = (
        column(outcomes, lambda o: o.attributes.get(name)),
        column(outcomes, lambda o: o.predicted_attributes.get(name)),
    )
    figures = {
        "spearman": draws.figure(spearman_of(said, truth)),
        "mae": draws.figure(mean_of(np.abs(said - truth))),
    }
    return {"n": int(np.isfinite(said - truth).sum()), **plain_figures(figures)}
