import numpy as np
import pytest
import torch

from resmtnet.networks import HeadMaps, pack
from resmtnet.pipelines.evaluation.judge_nodule import judge_nodule
from resmtnet.pipelines.evaluation.nodule_cubes import NoduleCubes
from resmtnet.transforms.targets import Lesion, dense_targets


@pytest.fixture(scope="module")
def cubes(lidc_folder) -> NoduleCubes:
    return NoduleCubes(lidc_folder, windows_hu=[(-1000, 200)], edge=64)


def say(mask: np.ndarray, *, presence: float) -> torch.Tensor:
    """What a network would return that outlines ``mask`` and is sure, by ``presence``, that it is a nodule."""
    targets = dense_targets(mask.shape, [Lesion(mask)], n_attributes=7)
    heat = torch.logit(torch.from_numpy(targets.heat) * presence, eps=1e-4)
    outline = 20 * torch.from_numpy(targets.mask) - 10
    rating = torch.zeros(12, *heat.shape[1:])
    rating[4] = 10.0
    return pack(HeadMaps(heat[None], torch.from_numpy(targets.box)[None], outline[None], rating[None]))[0]


def test_a_perfect_answer_scores_perfectly(cubes):
    truth = cubes.truth(1)
    outcome = judge_nodule(say(truth.mask, presence=0.9), truth)
    assert outcome.found
    assert outcome.probability == pytest.approx(0.9, abs=0.01)
    assert outcome.dice == pytest.approx(1.0)
    assert outcome.predicted_diameter_mm == pytest.approx(outcome.diameter_mm)
    assert outcome.diameter_mm == pytest.approx(10, abs=1.2)
    assert outcome.malignancy_probability > 0.99
    assert outcome.scores == [5, 5, 5]


def test_a_nodule_found_elsewhere_is_a_miss(cubes):
    truth = cubes.truth(0)
    moved = np.roll(truth.mask, 20, axis=1)
    outcome = judge_nodule(say(moved, presence=0.9), truth)
    assert not outcome.found
    assert outcome.dice < 0.3


def test_the_image_shows_the_nodule_where_the_truth_says(cubes):
    for index in range(len(cubes)):
        image, mask = cubes[index]["image"][0].numpy(), cubes.truth(index).mask
        assert image[mask].mean() > 0.7
        assert image[~mask].mean() < 0.3
