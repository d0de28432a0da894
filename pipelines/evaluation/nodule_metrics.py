"""The figures of a set of nodules, with intervals by patient."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..results.plain_json import Plain
from .attribute_figures import attribute_figures
from .calibration_figures import calibration_figures
from .column import column
from .label_rules import RULES, sides_of
from .malignancy_figures import malignancy_figures
from .nodule_outcome import NoduleOutcome
from .outline_figures import outline_figures
from .patient_draws import UNKNOWN, PatientDraws, draw_patients
from .plain_figures import plain_figures
from .subgroups import subgroups
from .uncertainty_curves import uncertainty_curves
from .uncertainty_figures import uncertainty_figures

Metrics = dict[str, Plain]
_IN_SUBGROUPS = (
    *("dice_mean", "surface_distance_mm", "diameter_mae_mm", "diameter_bias_mm", "sensitivity_at_0.5"),
    *("malignancy_auc", "malignancy_auc_modal", "malignancy_concordance"),
)
_LEAST_OF_A_SIDE = 5
"""An AUC within a subgroup rests on so many malignant and so many benign nodules, or is not given."""


def nodule_metrics(outcomes: Sequence[NoduleOutcome], *, draws: int = 2000, seed: int = 0) -> Metrics:
    """Compute detection, outline, size, rating, calibration and uncertainty, with ``..._ci95`` by patient.

    Patients are drawn once, with replacement, for all figures; the intervals are percentiles. What a name means:
    :func:`outline_figures`, :func:`malignancy_figures`, :func:`calibration_figures`, :func:`attribute_figures`,
    :func:`uncertainty_curves`, :func:`subgroups` (an AUC only of five nodules a side). ``malignancy_auc`` compares
    nodules whose mean rating is below 2.5 with those above 3.5, rated by at least three readers. A figure without cases
    is None. Dice is over the ``n_outlined`` nodules, 0 for ``n_outlined_not_predicted`` of them, which have no
    distance of surfaces.
    """
    drawn = draw_patients([o.patient_id for o in outcomes], draws=draws, seed=seed)
    figures = outline_figures(outcomes) | malignancy_figures(outcomes) | calibration_figures(outcomes)
    return {
        **_counts(outcomes),
        **plain_figures({name: drawn.figure(statistic) for name, statistic in figures.items()}),
        "attributes": attribute_figures(outcomes, drawn),
        "uncertainty": uncertainty_figures(uncertainty_curves(outcomes, drawn)),
        "subgroups": {
            kind: {name: _subgroup(outcomes, rows, drawn) for name, rows in groups.items()}
            for kind, groups in subgroups(outcomes).items()
        },
        "label_rules": dict(RULES),
        "interval": f"95 % percentile bootstrap by patient, {draws} draws, seed {seed}; none for one patient, or "
        "where more than a tenth of the draws lack one side",
    }


def _counts(outcomes: Sequence[NoduleOutcome]) -> Metrics:
    sides = {rule: sides_of(outcomes, rule) for rule in RULES}
    outlined = [o for o in outcomes if o.dice is not None]
    return {
        "n_patients": len({o.patient_id for o in outcomes}),
        "n_nodules": len(outcomes),
        "n_with_diameter": int(np.isfinite(column(outcomes, lambda o: o.diameter_mm)).sum()),
        "n_outlined": len(outlined),
        "n_outlined_not_predicted": sum(o.predicted_volume_mm3 == 0 for o in outlined),
        "n_rated_clearly": int(np.count_nonzero(sides["mean"])),
        "n_by_rule": {
            rule: {"malignant": int(np.sum(side > 0)), "benign": int(np.sum(side < 0))} for rule, side in sides.items()
        },
    }


def _subgroup(outcomes: Sequence[NoduleOutcome], rows: npt.NDArray[np.bool_], drawn: PatientDraws) -> Metrics:
    chosen = [o for o, inside in zip(outcomes, rows, strict=True) if inside]
    statistics = outline_figures(chosen) | malignancy_figures(chosen)
    within = drawn.of(rows)
    figures = {name: within.figure(statistics[name]) for name in _IN_SUBGROUPS}
    for name, rule in (("malignancy_auc", "mean"), ("malignancy_auc_modal", "modal")):
        sides = sides_of(chosen, rule)
        if min(np.sum(sides > 0), np.sum(sides < 0)) < _LEAST_OF_A_SIDE:
            figures[name] = UNKNOWN
    return {**_counts(chosen), **plain_figures(figures)}
