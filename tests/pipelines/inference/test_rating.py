from __future__ import annotations

import math

import pytest
import torch

from resmtnet.networks.packing import ATTRIBUTES
from resmtnet.pipelines.inference.rating import read_rating


def rating_logits(probabilities: list[float], share: float) -> torch.Tensor:
    return torch.tensor([math.log(p) for p in probabilities] + [math.log(share / (1 - share))] * len(ATTRIBUTES))


def test_malignancy_by_hand():
    rating = read_rating(rating_logits([0.1, 0.2, 0.4, 0.2, 0.1], 0.5))
    assert rating.malignancy_probability == pytest.approx(0.2 + 0.1 + 0.4 / 2, abs=1e-6)
    assert rating.malignancy_sd == pytest.approx(math.sqrt(0.1 * 4 + 0.2 * 1 + 0.2 * 1 + 0.1 * 4), abs=1e-6)


def test_attributes_run_from_1_to_5_and_calcification_to_6():
    attributes = read_rating(rating_logits([0.2] * 5, 0.75)).attributes
    assert set(attributes) == set(ATTRIBUTES)
    assert attributes["calcification"] == pytest.approx(1 + 5 * 0.75, abs=1e-5)
    assert {round(v, 4) for name, v in attributes.items() if name != "calcification"} == {4.0}
