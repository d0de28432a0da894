from __future__ import annotations

import pytest
import torch
from monai.data.meta_tensor import MetaTensor

from resmtnet.transforms.grey_channels import GreyChannelsd, grey_channels


def test_tones_by_hand():
    grey = torch.tensor([[[0.0, 0.04], [0.25, 1.0]]])
    made = grey_channels(grey, mean=0.5, std=0.25)
    gain_1 = torch.tensor([[-2.0, -1.84], [-1.0, 2.0]])
    root = torch.tensor([[-2.0, -1.2], [0.0, 2.0]])
    gain_6 = torch.tensor([[-2.0, -1.04], [2.0, 2.0]])
    assert torch.allclose(made, torch.stack([gain_1, root, gain_6]), atol=1e-6)


def test_a_mean_and_std_for_each_tone():
    made = grey_channels(torch.full((1, 2, 2), 0.6), mean=[0.5, 0.1], std=[0.1, 0.5], tones=[[1, 1], [1, 1]])
    assert torch.allclose(made.mean((1, 2)), torch.tensor([1.0, 1.0]), atol=1e-6)


def test_smoothing_is_the_mean_of_the_neighbours_and_repeats_the_border():
    grey = torch.zeros(1, 5, 5)
    grey[0, 0, 0] = 0.9
    made = grey_channels(grey, mean=0.0, std=1.0, tones=[(1, 1)], smooth=3)[0]
    expected = torch.zeros(5, 5)
    expected[0, 0], expected[0, 1], expected[1, 0], expected[1, 1] = 0.4, 0.2, 0.2, 0.1  # seen 4, 2, 2 and 1 of 9 times
    assert torch.allclose(made, expected, atol=1e-6)


def test_values_out_of_range_are_clipped():
    made = grey_channels(torch.tensor([[[-0.5, 1.5]]]), mean=0.0, std=1.0)
    assert torch.equal(made, torch.tensor([[0.0, 1.0]]).expand(3, 1, 2))


def test_a_dictionary_keeps_the_rest():
    grey = torch.rand(1, 4, 4)
    made = GreyChannelsd("image", [[2, 1]], mean=0.1, std=0.2, smooth=3)({"image": MetaTensor(grey), "label": 1})
    assert torch.equal(made["image"], grey_channels(grey, mean=0.1, std=0.2, tones=[[2, 1]], smooth=3))
    assert made["label"] == 1


@pytest.mark.parametrize(
    "more",
    [{"tones": []}, {"tones": [[0, 1]]}, {"std": 0.0}, {"mean": [0.1, 0.2]}, {"smooth": 2}],
    ids=["no tone", "no gain", "no std", "two means", "an even edge"],
)
def test_numbers_that_cannot_be(more):
    with pytest.raises(ValueError, match=r"expected|odd"):
        grey_channels(torch.zeros(1, 4, 4), **{"mean": 0.0, "std": 1.0, **more})


def test_one_channel_only():
    with pytest.raises(ValueError, match=r"expected an image \(1, rows, columns\)"):
        grey_channels(torch.zeros(3, 4, 4), mean=0.0, std=1.0)


def test_detail_by_hand():
    image = torch.stack([torch.full((2, 2), 0.25), torch.tensor([[0.0, 0.05], [0.2, 0.5]])])
    made = grey_channels(image, mean=0.3, std=0.5, tones=[[1, 0.5]], detail_gain=4.0)
    assert torch.allclose(made[0], torch.full((2, 2), 0.4))
    assert torch.allclose(made[1], torch.tensor([[-0.6, -0.2], [1.0, 1.4]]))


def test_detail_needs_its_channel():
    with pytest.raises(ValueError, match=r"expected an image \(2, rows, columns\)"):
        grey_channels(torch.zeros(1, 4, 4), mean=0.0, std=1.0, detail_gain=4.0)
