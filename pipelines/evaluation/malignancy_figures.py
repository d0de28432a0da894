"""Figures of the malignancy rating."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .column import column
from .label_rules import RULES, mean_rating, sides_of
from .nodule_outcome import NoduleOutcome
from .statistic.auc_of import auc_of
from .statistic.concordance_of import concordance_of
from .statistic.spearman_of import spearman_of
from .statistic.statistic import Statistic, Values, difference_of


def malignancy_figures(outcomes: Sequence[NoduleOutcome]) -> dict[str, Statistic]:
    """Return AUC by every rule of :data:`RULES`, and agreement with the mean rating, by name.

    ``..._diameter_only`` has the readers' diameter as the score, the floor that any rating must beat, and ``..._gain``
    is the difference of the two, paired: over nodules that have a diameter, as it is not known of mere points.
    """
    told = column(outcomes, lambda o: o.malignancy_probability)
    size = column(outcomes, lambda o: o.diameter_mm)
    figures: dict[str, Statistic] = {}
    for rule in RULES:
        sides = sides_of(outcomes, rule)
        name = "malignancy_auc" if rule == "mean" else f"malignancy_auc_{rule}"
        floor = auc_of(size, sides)
        gain = difference_of(auc_of(np.where(np.isfinite(size), told, np.nan), sides), floor)
        figures |= {name: auc_of(told, sides), f"{name}_diameter_only": floor, f"{name}_gain": gain}
    return figures | _agreement(outcomes, told, size)


def _agreement(outcomes: Sequence[NoduleOutcome], told: Values, size: Values) -> dict[str, Statistic]:
    rating = column(outcomes, mean_rating)
    floor, same = concordance_of(size, rating), np.where(np.isfinite(size), told, np.nan)
    return {
        "malignancy_concordance": concordance_of(told, rating),
        "malignancy_concordance_diameter_only": floor,
        "malignancy_concordance_gain": difference_of(concordance_of(same, rating), floor),
        "malignancy_spearman": spearman_of(told, rating),
    }
