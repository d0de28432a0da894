"""Whether uncertainty says something of error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .column import column
from .label_rules import malignant_share
from .nodule_outcome import NoduleOutcome
from .patient_draws import PatientDraws
from .uncertainty_curve import UncertaintyCurve, uncertainty_curve


def uncertainty_curves(outcomes: Sequence[NoduleOutcome], draws: PatientDraws) -> dict[str, UncertaintyCurve]:
    """Return the curve of malignancy and that of the outline.

    Malignancy: distance of the uncalibrated probability from the share of readers who said malignant (see
    :func:`malignant_share`, which it predicts), against the predicted spread of the readers' score. Outline: 1 - Dice,
    against ``mask_uncertainty``.
    """
    said = column(outcomes, lambda o: o.uncalibrated_probability)
    return {
        "malignancy": uncertainty_curve(
            column(outcomes, lambda o: o.malignancy_sd), np.abs(said - column(outcomes, malignant_share)), draws
        ),
        "outline": uncertainty_curve(
            column(outcomes, lambda o: o.mask_uncertainty), 1 - column(outcomes, lambda o: o.dice), draws
        ),
    }
