import pytest
import torch

from resmtnet.pipelines.images.mirrored import mirrored
from resmtnet.pipelines.images.mirrored_inferer import MirroredInferer
from resmtnet.pipelines.images.on_image_grid import on_image_grid

IMAGE = torch.arange(12.0).reshape(1, 1, 3, 4)
RAMP = torch.tensor([0.0, 1.0, 2.0, 5.0])


def weighted(images):
    """Logits (b, 1) that tell left from right."""
    return (images * RAMP).sum((2, 3))


def positioned(images):
    """A map that tells left from right."""
    return images * RAMP


def test_logits_are_the_mean_of_both_looks():
    expected = [float((IMAGE[0, 0] * RAMP).sum() + (IMAGE[0, 0].flip(1) * RAMP).sum()) / 2]
    assert mirrored(weighted, IMAGE)[0].tolist() == pytest.approx(expected)


def test_maps_are_mirrored_back():
    # the pixel in column j is weighted by its own place and by that of its mirror image
    expected = IMAGE * (RAMP + RAMP.flip(0)) / 2
    assert torch.allclose(mirrored(positioned, IMAGE), expected)


def test_one_look_is_the_network_itself():
    assert torch.equal(MirroredInferer(1)(IMAGE, positioned), positioned(IMAGE))
    assert torch.equal(MirroredInferer()(IMAGE, positioned), mirrored(positioned, IMAGE))
    with pytest.raises(ValueError, match="mirrors: found 3"):
        mirrored(weighted, IMAGE, mirrors=3)


def test_grid_of_the_image_keeps_places():
    values = torch.linspace(0, 1, 32)[None].expand(32, 32)
    grid = on_image_grid(values, (50, 80))
    # centres: new pixel i lies at (i + .5) * 32 / 80 - .5 of the old
    expected = ((torch.arange(80) + 0.5) * 32 / 80 - 0.5).clamp(0, 31) / 31
    assert grid.shape == (50, 80)
    assert torch.allclose(grid, expected.expand(50, 80), atol=1e-5)
