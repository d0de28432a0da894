from __future__ import annotations

import pytest
import torch
from torch import nn

from resmtnet.networks import ResMTNet
from resmtnet.pipelines.inference.region_inferer import RegionInferer

# of the standard deviation of the logits: bfloat16 keeps 8 bits, and errors add up over 30 layers
BFLOAT16_TOLERANCE = 0.1


@pytest.fixture(scope="module")
def near_sighted() -> nn.Module:
    """Return a network at stride 4 that looks 22 voxels far, less than the halo."""
    torch.manual_seed(0)
    layers = (nn.AvgPool3d(4), nn.Conv3d(2, 5, 5, padding=2), nn.ReLU(), nn.Conv3d(5, 3, 7, padding=3))
    return nn.Sequential(*layers).eval()


def test_slabs_give_what_one_pass_gives(near_sighted):
    image = torch.rand(1, 2, 160, 32, 48)
    whole = RegionInferer(precision="float32")(image, near_sighted)
    slabs = RegionInferer(max_voxels=96 * 32 * 48, precision="float32")(image, near_sighted)
    assert whole.shape == (1, 3, 40, 8, 12)
    torch.testing.assert_close(slabs, whole, rtol=0, atol=1e-6)
    with torch.no_grad():
        torch.testing.assert_close(whole, near_sighted(image), rtol=0, atol=1e-6)


def test_a_region_one_stride_thick_goes_through():
    network = ResMTNet(2).eval()
    image = torch.rand(1, 2, 16, 48, 32)
    with torch.no_grad():
        expected = network(image)
    answer = RegionInferer(precision="float32")(image, network)
    assert answer.shape == (1, 83, 4, 12, 8)
    torch.testing.assert_close(answer, expected)


def test_bfloat16_agrees_with_float32():
    torch.manual_seed(0)
    network = ResMTNet(2, widths=(8, 16, 16, 16), blocks=(1, 1, 1, 1), width=16, fine_width=8).eval()
    image = torch.rand(1, 2, 32, 48, 48)
    exact = RegionInferer(precision="float32")(image, network)
    fast = RegionInferer(precision="bfloat16")(image, network)
    assert fast.dtype == torch.bfloat16
    assert (fast.float() - exact).abs().max() < BFLOAT16_TOLERANCE * exact.std()


def test_no_gradients_are_kept(near_sighted):
    assert not RegionInferer()(torch.rand(1, 2, 32, 32, 32), near_sighted).requires_grad


@pytest.mark.parametrize("arguments", [{"halo": 20}, {"precision": "float16"}])
def test_arguments_that_would_shift_or_overflow_are_refused(arguments):
    with pytest.raises(ValueError, match=r"multiple of 16|precision"):
        RegionInferer(**arguments)
