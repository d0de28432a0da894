"""Fit the calibration of malignancy on judged nodules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..calibration import Calibration
from .fit_calibration import fit_calibration
from .label_rules import sides_of
from .nodule_outcome import NoduleOutcome


def fit_outcomes(outcomes: Sequence[NoduleOutcome], *, form: str = "platt") -> Calibration:
    """Fit on the nodules whose mean rating, of at least three readers, is above 3.5 (1) or below 2.5 (0).

    So a calibrated probability is the chance that readers clearly call it malignant rather than clearly benign. The
    diameter is that of the predicted mask, as it is at inference.
    """
    clear = [(o, side) for o, side in zip(outcomes, sides_of(outcomes, "mean"), strict=True) if side]
    return fit_calibration(
        np.array([o.uncalibrated_probability for o, _ in clear]),
        np.array([side > 0 for _, side in clear], dtype=float),
        diameter_mm=np.array([o.predicted_diameter_mm for o, _ in clear]),
        form=form,
    )
