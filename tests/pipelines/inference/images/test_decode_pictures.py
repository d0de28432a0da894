"""From logits to masks and classes, against analytic pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from resmtnet.pipelines.images.picture import Picture
from resmtnet.pipelines.images.picture_plan import PicturePlan
from resmtnet.pipelines.inference.images.decode_pictures import DecodePicturesd
from resmtnet.pipelines.inference.images.read_images import ReadImages
from resmtnet.transforms.square import square

SHAPES = [(90, 140), (61, 200), (300, 170), (64, 64)]


def disc(shape: tuple[int, int], centre: tuple[float, float], radius: float) -> np.ndarray:
    rows, columns = np.indices(shape)
    return (np.hypot(rows - centre[0], columns - centre[1]) < radius).astype(np.float32)


def read(grey: np.ndarray) -> ReadImages:
    picture = Picture(grey, "png", "d", spacing_mm=(0.2, 0.1))
    return ReadImages(PicturePlan("a", Path("a"), "d"), 0.0, pictures=(picture,), numbers=(0,), n_pictures=1)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_mask_comes_back_to_its_place_in_the_source(shape):
    """A network that says of each pixel how bright it is, on the square that the source was resized to."""
    centre, radius = (0.62 * shape[0] + 0.3, 0.37 * shape[1] - 0.2), 0.2 * min(shape)
    grey = disc(shape, centre, radius)
    seen = square(torch.from_numpy(grey)[None], 64)[None]
    packed = torch.cat([20 * (seen - 0.5), torch.zeros(1, 2, 64, 64)], dim=1)
    said = DecodePicturesd("pred", ["no", "yes"], "yes")({"pred": packed, "read": read(grey)})
    (view,), (result,) = said["views"], said["pictures"]
    assert view.mask.shape == shape
    step = max(shape) / 64  # of the square, in pixels of the source
    assert np.argwhere(view.mask).mean(axis=0) == pytest.approx(np.argwhere(grey).mean(axis=0), abs=0.1 * step)
    assert result.mask_share == pytest.approx(np.pi * radius**2 / grey.size, rel=0.05)
    assert result.mask_mm2 == pytest.approx(np.count_nonzero(view.mask) * 0.02)


@pytest.mark.parametrize(("empty_above", "share"), [(1.0, 1), (0.7, 0)])
def test_nothing_is_outlined_where_no_lesion_is_said_surely(empty_above, share):
    packed = torch.cat([torch.full((1, 1, 8, 8), 5.0), torch.tensor([3.0, 0.0]).view(1, 2, 1, 1).expand(1, 2, 8, 8)], 1)
    decode = DecodePicturesd("pred", ["normal", "benign"], "benign", empty_above=empty_above)
    said = decode({"pred": packed, "read": read(np.zeros((4, 4), np.float32))})
    assert said["pictures"][0].mask_share == share


def test_classes_are_the_softmax_at_the_temperature():
    logits = torch.log(torch.tensor([[1.0, 4.0, 4.0]]))
    decode = DecodePicturesd("pred", ["normal", "benign", "malignant"], "malignant", temperature=2.0)
    said = decode({"pred": logits, "read": read(np.zeros((4, 4), np.float32))})
    assert said["classes"] == pytest.approx({"normal": 0.2, "benign": 0.4, "malignant": 0.4})
    assert (said["pictures"][0].mask_share, said["views"][0].mask) == (None, None)
    with pytest.raises(ValueError, match="says 2 classes"):
        decode({"pred": logits[:, :2], "read": read(np.zeros((4, 4), np.float32))})
