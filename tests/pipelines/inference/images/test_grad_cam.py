from __future__ import annotations

import numpy as np
import torch
from torch import nn

from resmtnet.pipelines.images.image_result import PictureView
from resmtnet.pipelines.inference.images.grad_cam import GradCamd


class Spots(nn.Module):
    """Class 1 is the sum of the first feature, which is the picture itself; class 0 that of its negative."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.features = nn.Conv2d(1, 1, 1, bias=False), nn.Conv2d(1, 2, 1, bias=False)
        with torch.no_grad():
            self.stem.weight.fill_(1.0)
            self.features.weight.copy_(torch.tensor([1.0, -1.0]).view(2, 1, 1, 1))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        features = self.features(self.stem(image))
        return torch.stack([features[:, 1].mean((1, 2)), features[:, 0].mean((1, 2))], dim=1)


def case(network: nn.Module) -> dict:
    image = torch.zeros(2, 1, 8, 8)
    image[1, 0, 2, 5] = 3.0
    grey = np.zeros((8, 8), np.float32)
    said = {"classes": {"no": 0.2, "yes": 0.8}, "key": 1, "views": (PictureView(grey), PictureView(grey))}
    return {**said, "image": image, "network": network, "device": "cpu"}


def test_the_heat_is_where_the_evidence_for_the_class_is():
    network = Spots()
    cam = GradCamd("features")
    views = cam(case(network))["views"]
    assert views[0].heat is None
    expected = np.zeros((8, 8), np.float32)
    expected[2, 5] = 1
    np.testing.assert_allclose(views[1].heat, expected, atol=1e-6)
    for _ in range(3):
        cam(case(network))
    assert not network.features._forward_hooks  # none is left in the network, case after case


def test_nothing_is_computed_that_is_not_shown():
    assert GradCamd("features", outputs=["csv"])(case(Spots()))["views"][1].heat is None
