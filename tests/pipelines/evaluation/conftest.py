"""Judged nodules by formula."""

from __future__ import annotations

import numpy as np
import pytest

from resmtnet.pipelines.evaluation.nodule_outcome import NoduleOutcome


def simulate(n: int, *, seed: int = 0, flatten: float = 0.25) -> list[NoduleOutcome]:
    """``n`` nodules of ``n / 2`` patients; the probability is right but for its logit, which is scaled by ``flatten``.

    Dice falls with ``mask_uncertainty``; diameters are told 0.5 mm too large, with an SD of 1 mm.
    """
    rng = np.random.default_rng(seed)
    return [_outcome(rng, index, max(1, n // 2), flatten) for index in range(n)]


def _outcome(rng: np.random.Generator, index: int, n_patients: int, flatten: float) -> NoduleOutcome:
    diameter = float(np.exp(rng.normal(2, 0.5)))
    logit = 3 * float(np.log(diameter / 8)) + float(rng.normal(0, 1.5))
    malignant = rng.random() < 1 / (1 + np.exp(-logit))
    score = int(rng.choice([4, 5] if malignant else [1, 2]))
    unsure = float(rng.uniform(0, 0.5))
    probability = float(1 / (1 + np.exp(-flatten * logit)))
    texture = float(rng.integers(1, 6))
    volume = diameter**3 / 2
    return NoduleOutcome(
        key=f"N{index:04d}",
        patient_id=f"P{index % n_patients}",
        found=bool(rng.random() < 0.9),
        probability=float(rng.random()),
        dice=float(np.clip(0.95 - unsure / 2 + rng.normal(0, 0.03), 0, 1)),
        surface_distance_mm=0.5,
        hausdorff95_mm=1.5,
        diameter_mm=diameter,
        predicted_diameter_mm=max(0.0, diameter + float(rng.normal(0.5, 1))),
        volume_mm3=volume,
        predicted_volume_mm3=1.1 * volume,
        malignancy_probability=probability,
        raw_malignancy_probability=probability,
        malignancy_sd=float(rng.uniform(0.3, 1)),
        mask_uncertainty=unsure,
        scores=[score] * 3,
        modal_score=score,
        attributes={"texture": texture},
        predicted_attributes={"texture": texture + 0.25},
        slice_mm=float(rng.choice([0.625, 1.25, 2.0, 2.5])),
        dice_in_cube=0.8,
    )


@pytest.fixture(scope="package")
def simulated() -> list[NoduleOutcome]:
    return simulate(300)
