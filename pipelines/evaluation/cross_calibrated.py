"""Calibrated probabilities, each by a fit on other patients."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .fit_outcomes import fit_outcomes
from .nodule_outcome import NoduleOutcome


def cross_calibrated(
    outcomes: Sequence[NoduleOutcome], *, form: str = "platt", folds: int = 5, seed: int = 0
) -> npt.NDArray[np.float64]:
    """Calibrate every nodule's probability with parameters fitted on the patients of the other folds.

    So the calibration error of the result is that of patients who were not fitted on. The label is 1 where the mean
    rating of at least three readers is above 3.5, 0 where it is below 2.5; what lies between is calibrated, but not
    fitted on.

    Parameters
    ----------
    form : see :func:`fit_calibration`.
    folds : of patients; fewer if there are fewer patients. One patient cannot be split: nan.
    """
    patients = sorted({o.patient_id for o in outcomes})
    if len(patients) < 2:
        return np.full(len(outcomes), np.nan)
    order = np.random.default_rng(seed).permutation(len(patients))
    fold_of = {patients[p]: n % min(folds, len(patients)) for n, p in enumerate(order)}
    fold = [fold_of[o.patient_id] for o in outcomes]
    fitted = {
        f: fit_outcomes([o for o, of in zip(outcomes, fold, strict=True) if of != f], form=form) for f in set(fold)
    }
    pairs = zip(outcomes, fold, strict=True)
    return np.array([fitted[f].apply(o.uncalibrated_probability, o.predicted_diameter_mm) for o, f in pairs])
