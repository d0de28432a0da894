"""What is read of a place, with a network whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from resmtnet.pipelines.inference.fusion.fusion_look import FusionLook
from resmtnet.transforms.grid import Grid
from resmtnet.transforms.planes_view import PlanesView

SPACING_MM = 0.6
AT = np.array([2.4, -3.0, 1.8])  # x, y, z from the place


def ball() -> tuple[np.ndarray, Grid]:
    k, j, i = np.mgrid[-30:31, -30:31, -30:31].astype(float)
    near = (i - AT[0]) ** 2 + (j - AT[1]) ** 2 + (k - AT[2]) ** 2 <= 25
    affine = np.eye(4)
    affine[:3, 3] = -30
    return np.where(near, 300, -1000).astype(np.int16), Grid((61, 61, 61), affine)


def sees_the_middle(images: torch.Tensor) -> torch.Tensor:
    """Answer with where the bright pixels lie (mm / 10), and fixed other heads."""
    steps = (torch.arange(64) - 31.5) * SPACING_MM / 10
    axial, coronal = images[:, 1] / images[:, 1].sum((1, 2), True), images[:, 4] / images[:, 4].sum((1, 2), True)
    k = (coronal.sum(2) * steps).sum(1)
    j, i = (axial.sum(2) * steps).sum(1), (axial.sum(1) * steps).sum(1)
    rest = torch.tensor([np.log(2.0), 0.0, 0.0, 0.0, 0.0, 20.0]).float().expand(len(images), -1)
    presence = torch.full((len(images), 1), float(np.log(3.0)))
    return torch.cat([presence, k[:, None], j[:, None], i[:, None], rest], dim=1)


@pytest.mark.parametrize("mirrors", [1, 4, 8])
def test_mirror_images_are_put_back_before_they_are_averaged(mirrors):
    hu, grid = ball()
    said = FusionLook(PlanesView(), mirrors=mirrors)(sees_the_middle, hu, grid, (0, 0, 0))
    assert said.location_mm == pytest.approx(AT, abs=0.3)
    assert said.presence == pytest.approx(0.75)
    assert said.diameter_mm == pytest.approx(16.0, rel=1e-5)
    assert said.malignancy_probability == pytest.approx(1.0, abs=1e-6)
    assert said.malignancy_sd == pytest.approx(0.0, abs=1e-3)


def test_an_answer_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="not finite"):
        FusionLook(PlanesView(), mirrors=1).read(torch.full((1, 10), float("nan")))


def test_more_mirrors_than_there_are_are_refused():
    with pytest.raises(ValueError, match="mirrors"):
        FusionLook(PlanesView(), mirrors=9)
