"""Figures of naming the class."""

from __future__ import annotations

import numpy as np

from ..statistic.auc_of import auc_of
from ..statistic.ece_of import ece_of
from ..statistic.f1_of import f1_of
from ..statistic.macro_f1_of import macro_f1_of
from ..statistic.mean_of import mean_of
from ..statistic.specificity_at import specificity_at
from ..statistic.statistic import Statistic
from .cross_fitted_calls import cross_fitted_calls
from .judged_images import JudgedImages

SENSITIVITY = 0.94
"""At which the specificity is told, as the name ``..._sensitivity_94`` says."""
_THRESHOLD = 0.5
_AT_94 = "specificity_at_sensitivity_94"


def class_figures(judged: JudgedImages) -> dict[str, Statistic]:
    """Return accuracy, F1, AUC, calibration, and sensitivity and specificity at thresholds, by name.

    The class said is the most probable one. ``auc`` has the probability of the positive class as its score, against
    all others; ``auc_against_lesions`` against the other classes with a lesion, which is what all names without
    ``..._against_rest`` mean where a specificity is told. ``specificity_at_sensitivity_94`` chooses its threshold on
    the same images; with ``..._cross_fitted`` on the other half of the groups, where the sensitivity comes out as it
    may. ``ece`` compares the probability of the class said with how often it was right (Guo et al. 2017),
    ``ece_positive`` that of the positive class with how often it was there; ``brier_positive`` likewise.
    """
    truth, said, score = judged.labels, judged.said, judged.score
    rest, lesions = judged.against_rest, judged.against_lesions
    right, there = (said == truth).astype(float), (rest > 0).astype(float)
    called = (score >= _THRESHOLD).astype(float)
    fitted = cross_fitted_calls(score, lesions, judged.groups, sensitivity=SENSITIVITY)
    return {
        "accuracy": mean_of(right),
        "macro_f1": macro_f1_of(truth, said, len(judged.classes)),
        "auc": auc_of(score, rest),
        "auc_against_lesions": auc_of(score, lesions),
        "sensitivity_at_0.5": mean_of(np.where(rest > 0, called, np.nan)),
        "specificity_at_0.5": mean_of(np.where(lesions < 0, 1 - called, np.nan)),
        "specificity_at_0.5_against_rest": mean_of(np.where(rest < 0, 1 - called, np.nan)),
        _AT_94: specificity_at(score, lesions, SENSITIVITY),
        f"{_AT_94}_against_rest": specificity_at(score, rest, SENSITIVITY),
        f"{_AT_94}_cross_fitted": mean_of(np.where(lesions < 0, 1 - fitted, np.nan)),
        "sensitivity_cross_fitted": mean_of(np.where(lesions > 0, fitted, np.nan)),
        "ece": ece_of(judged.probabilities.max(1, initial=0.0), right),
        "ece_positive": ece_of(score, there),
        "brier_positive": mean_of((score - there) ** 2),
    }


def one_class_figures(judged: JudgedImages, number: int) -> dict[str, Statistic]:
    """Return precision, recall and F1 of one class, and the Dice of its lesions where there are masks, by name."""
    truth, said = judged.labels, judged.said
    right, dice = (said == truth).astype(float), judged.column(lambda o: o.dice)
    figures = {
        "precision": mean_of(np.where(said == number, right, np.nan)),
        "recall": mean_of(np.where(truth == number, right, np.nan)),
        "f1": f1_of(truth, said, number),
    }
    here = np.where(truth == number, dice, np.nan)
    return figures | ({"dice_mean": mean_of(here)} if np.isfinite(here).any() else {})
