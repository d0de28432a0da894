"""The figures of a set of images, with intervals by group."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...results.plain_json import Plain
from ..patient_draws import PatientDraws, draw_patients
from ..plain_figures import plain_figures
from ..statistic.statistic import Statistic
from .class_figures import SENSITIVITY, class_figures, one_class_figures
from .judged_images import JudgedImages
from .lesion_figures import known_masks, lesion_figures

Metrics = dict[str, Plain]


def image_metrics(judged: JudgedImages, *, draws: int = 2000, seed: int = 0) -> Metrics:
    """Compute what :func:`class_figures` and :func:`lesion_figures` say, each with ``..._ci95`` by group.

    Groups are drawn once, with replacement, for all figures; the intervals are percentiles. ``confusion`` has a row for
    each true class and a column for each class said. A figure without cases is None.
    """
    drawn = draw_patients(judged.groups, draws=draws, seed=seed)
    per_class: dict[str, Plain] = {
        name: {"n_images": int((judged.labels == n).sum()), **_figures(one_class_figures(judged, n), drawn)}
        for n, name in enumerate(judged.classes)
    }
    return {
        **_counts(judged),
        **_figures(class_figures(judged), drawn),
        **_figures(lesion_figures(judged), drawn),
        "per_class": per_class,
        "confusion": confusion(judged),
        "notes": _notes(judged),
        "interval": f"95 % percentile bootstrap by group, {draws} draws, seed {seed}; none for one group, or where "
        "more than a tenth of the draws lack one side",
    }


def confusion(judged: JudgedImages) -> list[list[int]]:
    """Count images: a row for each true class, a column for each class said."""
    n = len(judged.classes)
    counted = np.bincount(judged.labels * n + judged.said, minlength=n * n).reshape(n, n)
    return [[int(v) for v in row] for row in counted]


def _figures(statistics: Mapping[str, Statistic], drawn: PatientDraws) -> dict[str, Plain]:
    """Give figures as plain values; ``dice_mean`` has its interval under its full name, too, as all others have."""
    plain = plain_figures({name: drawn.figure(statistic) for name, statistic in statistics.items()})
    return plain | ({"dice_mean_ci95": plain["dice_ci95"]} if "dice_mean" in plain else {})


def _counts(judged: JudgedImages) -> Metrics:
    counts: Metrics = {
        "n_images": len(judged.outcomes),
        "n_groups": len(set(judged.groups)),
        "classes": list(judged.classes),
        "positive": judged.positive,
        "normal": judged.normal,
    }
    known, true = known_masks(judged), judged.column(lambda o: o.true_area)
    if known.any():
        counts |= {
            "n_with_lesion": int((known & (true > 0)).sum()),
            "n_without_lesion": int((known & (true == 0)).sum()),
        }
    return counts


def _notes(judged: JudgedImages) -> dict[str, Plain]:
    """Say in words what a name cannot hold."""
    notes: dict[str, Plain] = {
        "against": f"{judged.positive} against {judged.against_lesions_name}; with _against_rest, and auc, against all "
        "other images; the score is the probability of the positive class",
        "specificity_at_sensitivity_94": f"at the highest threshold with a sensitivity of at least {SENSITIVITY}, "
        "chosen on these same images; _cross_fitted: chosen on the other half of the groups, mean of 20 random "
        "halvings, with the sensitivity_cross_fitted that came out; its intervals hold the thresholds fixed",
        "ece": "probability of the class said against how often it was right, 10 bins; ece_positive: probability of "
        "the positive class",
    }
    if known_masks(judged).any():
        notes["dice_mean"] = (
            "mean over the images with a lesion, on the grid of the image file, outlined as the bundle's configs "
            "say (mask_probability, surest_share, empty_above); an empty prediction on an image without a lesion "
            "scores nothing"
        )
    return notes
