from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.data.meta_tensor import MetaTensor
from PIL import Image

from resmtnet.transforms.square import Squared, square, square_with_detail


def test_a_whole_factor_is_the_mean_of_the_pixels_covered():
    image = torch.arange(2 * 8 * 4, dtype=torch.float32).reshape(2, 8, 4)
    blocks = image.reshape(2, 2, 4, 2, 2).mean((2, 4))
    assert torch.allclose(square(image, 2, mode="area"), blocks)


@pytest.mark.parametrize("shape", [(90, 57), (20, 31), (100, 20)], ids=["shrinks", "grows", "both"])
def test_bilinear_is_that_of_pillow(shape):
    image = np.random.default_rng(0).random(shape, dtype=np.float32)
    expected = np.asarray(Image.fromarray(image).resize((48, 48), Image.Resampling.BILINEAR))
    assert np.allclose(square(torch.from_numpy(image)[None], 48)[0], expected, atol=1e-5)


def test_a_ramp_stays_a_ramp_on_the_other_axis_untouched():
    ramp = torch.linspace(0, 1, 64).expand(1, 32, 64)
    made = square(ramp, 32)
    assert made.shape == (1, 32, 32)
    assert torch.allclose(made[0, 0], made[0, -1])
    assert torch.allclose(made[0, 5, 1:-1].diff(), torch.full((29,), 2 / 63), atol=1e-5)


def test_nearest_makes_no_new_values():
    labels = torch.randint(0, 4, (1, 37, 53))
    assert set(square(labels, 64, mode="nearest").unique().tolist()) <= {0.0, 1.0, 2.0, 3.0}


def test_each_key_by_its_mode_and_the_rest_untouched():
    image = MetaTensor(torch.rand(1, 40, 56))
    mask = (torch.rand(1, 40, 56) > 0.5).to(torch.uint8)
    data = {"image": image, "mask": mask, "name": "x"}
    made = Squared(["image", "mask"], 20, ["bilinear", "nearest"])(data)
    assert torch.equal(made["image"], square(image.as_tensor(), 20))
    assert not isinstance(made["image"], MetaTensor)
    assert torch.equal(made["mask"], square(mask, 20, mode="nearest"))
    assert made["name"] == "x"
    assert data["image"] is image
    assert set(Squared(["image", "mask"], 20, allow_missing_keys=True)({"image": image})) == {"image"}


@pytest.mark.parametrize(("shape", "size", "mode"), [((4, 4), 2, "area"), ((1, 0, 4), 2, "area"), ((1, 4, 4), 2, "no")])
def test_what_is_no_image_is_refused(shape, size, mode):
    with pytest.raises(ValueError, match="expected"):
        square(torch.zeros(shape), size, mode=mode)


def test_detail_is_the_standard_deviation_within_a_pixel():
    rng = np.random.default_rng(0)
    image = rng.random((12, 12), dtype=np.float32)
    blocks = image.reshape(4, 3, 4, 3).transpose(0, 2, 1, 3).reshape(4, 4, 9)
    made = square_with_detail(torch.from_numpy(image)[None], 4, 12)
    assert np.allclose(made[0], blocks.mean(-1), atol=1e-6)
    assert np.allclose(made[1], blocks.std(-1), atol=1e-5)


def test_detail_is_asked_for_by_its_mode():
    image = torch.rand(1, 20, 30)
    made = Squared("image", 8, "detail", detail_size=16)({"image": image})["image"]
    assert torch.equal(made, square_with_detail(image, 8, 16))


def test_detail_must_be_finer():
    with pytest.raises(ValueError, match="above size"):
        square_with_detail(torch.zeros(1, 9, 9), 8, 8)
