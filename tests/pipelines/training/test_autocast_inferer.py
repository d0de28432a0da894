from __future__ import annotations

import pytest
import torch

from resmtnet.networks import ResMTNet
from resmtnet.pipelines.training.autocast_inferer import AutocastInferer

SMALL = {"widths": [8, 8, 8, 32], "blocks": [1, 1, 1, 1], "width": 8, "fine_width": 8}


def gradient_norms(patch: int, times: int) -> list[float]:
    torch.manual_seed(0)
    network = ResMTNet(2, **SMALL).to(memory_format=torch.channels_last_3d).train()
    image = torch.randn(1, 2, patch, patch, patch)
    norms = []
    for _ in range(times):
        network.zero_grad()
        AutocastInferer()(image, network).square().mean().backward()
        gradients = [p.grad.norm() for p in network.parameters() if p.grad is not None]
        norms.append(float(torch.stack(gradients).norm()))
    return norms


def test_gradients_of_small_patches_are_finite_and_the_same_every_time():
    norms = gradient_norms(patch=32, times=10)
    assert max(norms) < 1e6
    assert max(norms) - min(norms) <= 1e-3 * max(norms)


def test_larger_patches_are_computed_in_bfloat16():
    """The result differs from that of float32 by the rounding of bfloat16, and by no more."""
    torch.manual_seed(0)
    network = ResMTNet(2, **SMALL).to(memory_format=torch.channels_last_3d).eval()
    image = torch.randn(1, 2, 48, 48, 48)
    with torch.inference_mode():
        half, full = (AutocastInferer(enabled=enabled)(image, network) for enabled in (True, False))
    worst = float((half - full).abs().max() / full.abs().max())
    assert 1e-4 < worst < 0.05


def test_the_precision_that_is_asked_for():
    torch.manual_seed(0)
    network, image = ResMTNet(2, **SMALL).eval(), torch.randn(1, 2, 48, 48, 48)
    with torch.inference_mode():
        plain = network(image.to(memory_format=torch.channels_last_3d))
        assert torch.equal(AutocastInferer(precision="float32")(image, network), plain)
    with pytest.raises(ValueError, match="float16 is for CUDA, found cpu"):
        AutocastInferer(precision="float16")(image, network)
    with pytest.raises(ValueError, match="found half"):
        AutocastInferer(precision="half")
