"""Figures of the network of two backbones beside those of every rating."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...results.plain_json import Plain
from ..column import column
from ..label_rules import sides_of
from ..nodule_outcome import NoduleOutcome
from ..patient_draws import draw_patients
from ..plain_figures import plain_figures
from ..statistic.auc_of import auc_of
from ..statistic.macro_f1_of import macro_f1_of
from ..statistic.mean_of import mean_of
from .judged_place import JudgedPlace

_CALLED = 0.5
"""Probability of malignancy, as told, from which a nodule is called malignant."""


def fusion_figures(
    outcomes: Sequence[NoduleOutcome], places: Sequence[JudgedPlace], *, draws: int = 2000, seed: int = 0
) -> dict[str, Plain]:
    """Return accuracy, macro F1, AUC of malignancy, AUC of presence and error of location, with ``..._ci95``.

    ``accuracy``, ``macro_f1`` and ``auc`` are of the nodules whose mean rating, of at least three readers, is below 2.5
    (benign) or above 3.5 (malignant); the first two at a probability of 0.5. ``presence_auc`` compares the nodules with
    the places of lung. Intervals by patient, as in :func:`.nodule_metrics`.
    """
    sides = sides_of(outcomes, "mean")
    told = column(outcomes, lambda o: o.malignancy_probability)
    called = (told >= _CALLED).astype(np.int64)
    clear = sides != 0
    of_clear = draw_patients([o.patient_id for o in outcomes], draws=draws, seed=seed).of(clear)
    truth = (sides[clear] > 0).astype(np.int64)
    of_places = draw_patients([p.patient_id for p in places], draws=draws, seed=seed)
    presence = np.array([p.presence for p in places], float)
    there = np.array([1 if p.nodule else -1 for p in places], np.int64)
    error = np.array([np.nan if p.location_error_mm is None else p.location_error_mm for p in places], float)
    figures = {
        "accuracy": of_clear.figure(mean_of((called[clear] == truth).astype(float))),
        "macro_f1": of_clear.figure(macro_f1_of(truth, called[clear], 2)),
        "auc": of_clear.figure(auc_of(told[clear], sides[clear])),
        "presence_auc": of_places.figure(auc_of(presence, there)),
        "location_error_mm": of_places.figure(mean_of(error)),
    }
    return {**plain_figures(figures), "n_places_without_nodule": int(np.sum(there < 0))}
