from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from resmtnet.pipelines.ingest.input_path_error import InputPathError
from resmtnet.pipelines.training.images.load_pictures import load_pictures
from resmtnet.pipelines.training.images.read_mask import read_mask
from resmtnet.transforms.square import Squared

CLASSES = ["normal", "benign", "malignant"]
SQUARED = Squared(["image", "mask"], 32, allow_missing_keys=True)


def test_pictures_are_the_resized_files(images_dir):
    pictures = load_pictures(images_dir, CLASSES, SQUARED, n_folds=2)
    assert pictures.grey.shape == (12, 1, 32, 32)
    assert pictures.masks is None
    with Image.open(images_dir / "4.png") as file:
        expected = np.asarray(file.convert("F").resize((32, 32), Image.Resampling.BILINEAR)) / 255
    assert np.allclose(pictures.grey[4, 0].float(), expected, atol=1e-3)
    assert pictures.labels == (0, 0, 1, 1, 2, 2) * 2
    assert all(pictures.folds[n] == pictures.folds[n + 1] for n in range(0, 12, 2))  # two images a group


def test_masks_lie_on_their_lesions_and_a_missing_one_is_what_it_is_said_to_be(images_dir):
    empty = load_pictures(images_dir, CLASSES, SQUARED, masks=True, n_folds=2)
    bright = (empty.grey[4, 0] > 0.5).float()
    inside = empty.masks[4, 0].float() / 255
    assert (bright * inside).sum() / bright.sum() > 0.95
    assert inside.sum() == pytest.approx(32 * 32 * 81 * np.pi / (40 * 56), rel=0.1)
    assert not empty.masks[0].any()
    assert all(empty.mask_known)
    unknown = load_pictures(images_dir, CLASSES, SQUARED, masks=True, missing_mask="unknown", n_folds=2)
    assert unknown.mask_known == (False, False, True, True, True, True) * 2


@pytest.mark.parametrize("value", [1, 255])
def test_a_mask_of_ones_is_as_good_as_one_of_255(tmp_path, value):
    mask = np.zeros((20, 30), np.uint8)
    mask[5:9, 7:20] = value
    Image.fromarray(mask).save(tmp_path / "a_mask.png")
    assert np.array_equal(read_mask(tmp_path / "a_mask.png"), mask > 0)
    Image.fromarray(0 * mask).save(tmp_path / "b_mask.png")
    assert not read_mask(tmp_path / "b_mask.png").any()


def test_a_mask_of_another_size(write_images, tmp_path):
    write_images(tmp_path)
    Image.fromarray(np.zeros((56, 40), np.uint8)).save(tmp_path / "4_mask.png")
    with pytest.raises(InputPathError, match=r"row 6: the mask has 40 x 56 pixels, its image 56 x 40"):
        load_pictures(tmp_path, CLASSES, SQUARED, masks=True, n_folds=2)
    assert len(load_pictures(tmp_path, CLASSES, SQUARED, n_folds=2).labels) == 12  # where no masks are wanted


@pytest.mark.parametrize("name", ["4.png", "4_mask.png"])
def test_a_file_that_is_no_image(write_images, tmp_path, name):
    write_images(tmp_path)
    (tmp_path / name).write_text("junk")
    with pytest.raises(InputPathError, match=r"row 6: the image or its mask cannot be used. [EIF]_"):
        load_pictures(tmp_path, CLASSES, SQUARED, masks=True, n_folds=2)


def test_the_dark_end_is_kept_finer_than_8_bits():
    assert torch.tensor(0.02).half().float() == pytest.approx(0.02, abs=1e-5)
