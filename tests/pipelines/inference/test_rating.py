from __future__ import annotations

import math

import pytest
import torch

from resmtnet.networks.packing import ATTRIBUTES
from resmtnet.pipelines.inference.rating import read_rating


def rating_map(probabilities: list[float], share: float) -> torch.Tensor:
    logits = [math.log(p) for p in probabilities] + [math.log(share / (1 - share))] * len(ATTRIBUTES)
    said = torch.zeros(12, 2, 3, 4)
    said[:, 1, 2, 3] = torch.tensor(logits)
    return said


def test_malignancy_by_hand():
    rating = read_rating(rating_map([0.1, 0.2, 0.4, 0.2, 0.1], 0.5), (1, 2, 3))
    assert rating.malignancy_probability == pytest.approx(0.2 + 0.1 + 0.4 / 2, abs=1e-6)
    assert rating.malignancy_sd == pytest.approx(math.sqrt(0.1 * 4 + 0.2 * 1 + 0.2 * 1 + 0.1 * 4), abs=1e-6)


def test_attributes_run_from_1_to_5_and_calcification_to_6():
    attributes = read_rating(rating_map([0.2] * 5, 0.75), (1, 2, 3)).attributes
    assert set(attributes) == set(ATTRIBUTES)
    assert attributes["calcification"] == pytest.approx(1 + 5 * 0.75, abs=1e-5)
    assert {round(v, 4) for name, v in attributes.items() if name != "calcification"} == {4.0}


def test_another_cell_says_something_else():
    rating = read_rating(rating_map([0.01, 0.01, 0.01, 0.01, 0.96], 0.5), (0, 0, 0))
    assert rating.malignancy_probability == pytest.approx(0.5)
