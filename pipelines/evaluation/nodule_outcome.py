"""What was found of one nodule whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class NoduleOutcome:
    """One nodule, as annotated and as the network saw it.

    ``found``: a candidate of ``probability`` lies within the nodule's radius of its centre. Mask and rating are read at
    that candidate, or, where there is none, at the annotated place, so that Dice and rating cover every nodule.
    ``diameter_mm`` is the longest axial diameter of the readers' majority mask, ``predicted_diameter_mm`` that of the
    predicted mask; ``scores`` are the readers' malignancy scores, 1 to 5.
    """

    key: str
    patient_id: str
    found: bool
    probability: float
    dice: float
    diameter_mm: float
    predicted_diameter_mm: float
    malignancy_probability: float
    scores: Sequence[int]
    modal_score: int
