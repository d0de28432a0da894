from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from resmtnet.pipelines.training.images.augmentation_ranges import AugmentationRanges
from resmtnet.pipelines.training.images.draw_weights import draw_weights
from resmtnet.pipelines.training.images.drawn_pictures import DrawnPictures
from resmtnet.pipelines.training.images.pictures import Pictures
from resmtnet.pipelines.training.images.whole_pictures import WholePictures
from resmtnet.transforms.grey_channels import GreyChannelsd

CHANNELS = GreyChannelsd("image", [[1, 1]], mean=0.0, std=1.0)
NONE = AugmentationRanges()
SOME = AugmentationRanges(rotation_deg=15, scale=0.2, gamma=0.5, noise_share=0.5, noise_sd=0.1, erase_share=0.5)


@pytest.fixture
def pictures() -> Pictures:
    """Picture n is n / 20 everywhere, and its lesion the upper half; eight of class 0 (one group of five), two of 1."""
    levels = (torch.arange(10) / 20).half()[:, None, None, None]
    masks = torch.zeros(10, 1, 8, 8, dtype=torch.uint8)
    masks[:, :, :4] = 255
    return Pictures(
        grey=levels.expand(10, 1, 8, 8).clone(),
        masks=masks,
        mask_known=(True,) * 9 + (False,),
        labels=(0,) * 8 + (1,) * 2,
        groups=("a",) * 5 + tuple("bcdef"),
        folds=(0,) * 5 + (1, 2, 2, 2, 1),
        classes=("x", "y"),
    )


def index_of(example) -> int:
    return round(float(example["image"].mean()) * 20)


def test_the_number_alone_says_what_is_drawn(pictures):
    data = DrawnPictures(pictures, fold=None, ranges=SOME, channels=CHANNELS, seed=3)
    forward = [data[n] for n in range(12)]
    numbers = [[n] for n in reversed(range(12))]
    loader = DataLoader(data, batch_sampler=numbers, num_workers=2, generator=torch.Generator())
    for example, again in zip(forward, reversed(list(loader)), strict=True):
        assert torch.equal(example["image"], again["image"][0])
        assert torch.equal(example["label"], again["label"][0])
    other = DrawnPictures(pictures, fold=None, ranges=SOME, channels=CHANNELS, seed=4)
    assert not all(torch.equal(other[n]["image"], forward[n]["image"]) for n in range(12))


def test_how_often_each_is_drawn(pictures):
    data = DrawnPictures(pictures, fold=None, ranges=NONE, channels=CHANNELS, class_balance=1.0, group_balance=0.5)
    counts = Counter(index_of(data[n]) for n in range(1500))
    weights = np.array([5**-0.5 / 8] * 5 + [1 / 8] * 3 + [1 / 2] * 2)
    expected = weights / weights.sum()
    found = np.array([counts[n] for n in range(10)]) / 1500
    assert np.abs(found - expected).max() < 4 * np.sqrt(0.25 * 0.75 / 1500)  # four standard deviations


@pytest.mark.parametrize(("class_balance", "shares"), [(0.0, (0.8, 0.2)), (1.0, (0.5, 0.5))])
def test_from_images_alike_to_classes_alike(class_balance, shares):
    weights = draw_weights([0] * 8 + [1] * 2, list(range(10)), class_balance=class_balance, group_balance=0.0)
    assert weights[:8].sum() == pytest.approx(shares[0])
    assert weights[8:].sum() == pytest.approx(shares[1])


def test_the_fold_held_out_is_validated_and_never_drawn(pictures):
    data = DrawnPictures(pictures, fold=1, ranges=NONE, channels=CHANNELS)
    assert {index_of(data[n]) for n in range(300)} == {0, 1, 2, 3, 4, 6, 7, 8}
    held = WholePictures(pictures, fold=1, channels=CHANNELS)
    assert [index_of(example) for example in held] == [5, 9]
    assert len(WholePictures(pictures, fold=None, channels=CHANNELS)) == 10
    assert {
        index_of(data[n])
        for data in [DrawnPictures(pictures, fold=None, ranges=NONE, channels=CHANNELS)]
        for n in range(400)
    } == set(range(10))


def test_labels_with_and_without_masks(pictures):
    held = WholePictures(pictures, fold=1, channels=CHANNELS)
    known, unknown = held[0]["label"], held[1]["label"]
    assert known.shape == (2, 8, 8)
    assert torch.equal(known[0, :, 0], torch.tensor([1.0] * 4 + [0.0] * 4))
    assert torch.equal(known[1], torch.zeros(8, 8))
    assert torch.equal(unknown, torch.cat([torch.full((1, 8, 8), -1.0), torch.ones(1, 8, 8)]))
    plain = dataclasses.replace(pictures, masks=None)
    batch = next(iter(DataLoader(WholePictures(plain, fold=1, channels=CHANNELS), batch_size=2)))
    assert torch.equal(batch["label"], torch.tensor([0, 1]))
    drawn = DrawnPictures(plain, fold=2, ranges=SOME, channels=CHANNELS)
    assert {int(drawn[n]["label"]) for n in range(50)} == {0, 1}


def test_a_patch_shows_another_picture_of_the_class_and_its_lesion(pictures):
    pictures.masks[9] = 0
    known = dataclasses.replace(pictures, mask_known=(True,) * 10)
    patched = AugmentationRanges(patch_share=1.0, patch_size=0.9)
    data = DrawnPictures(known, fold=None, ranges=patched, channels=CHANNELS, class_balance=1.0)
    mixed = 0
    for n in range(200):
        example = data[n]
        shown = (example["image"][0] * 20).round().int()
        lesion, label = example["label"][0], int(example["label"][1, 0, 0])
        assert set(shown.unique().tolist()) <= (set(range(8)) if label == 0 else {8, 9})
        has_lesion = (torch.arange(8)[:, None] < 4) & (shown != 9)
        assert torch.equal(lesion, has_lesion.float())
        other = shown != shown[0, 0]
        mixed += bool(other.any())
        assert any(torch.equal(part, part.any(1)[:, None] & part.any(0)) for part in (other, ~other))  # a rectangle
    assert mixed > 100


def test_a_patch_of_unknown_outline_makes_the_outline_unknown(pictures):
    data = DrawnPictures(
        pictures, fold=None, ranges=AugmentationRanges(patch_share=1.0, patch_size=0.5), channels=CHANNELS
    )
    found = set()
    for n in range(100):
        example = data[n]
        unsure = bool((example["image"] * 20).round().eq(9).any())
        assert bool((example["label"][0] == -1).all()) == unsure
        found.add(unsure)
    assert found == {False, True}


def test_folds_that_cannot_be(pictures):
    with pytest.raises(ValueError, match="there is no fold 7: expected from 0 to 2"):
        WholePictures(pictures, fold=7, channels=CHANNELS)
    alone = dataclasses.replace(pictures, folds=(0,) * 8 + (1, 1))
    with pytest.raises(ValueError, match="no image of class y to train on"):
        DrawnPictures(alone, fold=1, ranges=NONE, channels=CHANNELS)
