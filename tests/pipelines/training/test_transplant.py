import numpy as np
import pytest

from resmtnet.pipelines.training.made_nodule import made_nodule
from resmtnet.pipelines.training.nodule import Nodule
from resmtnet.pipelines.training.transplant import Pose, paste, posed

UPRIGHT = Pose(0.0, 1.0, (False, False, False), 1.0)


def ball(radius: float = 6.0) -> Nodule:
    k, j, i = np.mgrid[-12:13, -12:13, -12:13]
    inside = np.clip(radius + 0.5 - np.sqrt(k**2 + j**2 + i**2), 0, 1).astype(np.float32)
    return Nodule(np.full(inside.shape, 40, np.float32), inside, inside)


def test_a_pasted_ball_stands_where_it_was_put_and_nothing_else_changed():
    hu = np.full((48, 48, 48), -850, np.float32)
    mask = paste(hu, posed(ball(), UPRIGHT), (20, 24, 30))
    assert np.argwhere(mask).mean(axis=0) == pytest.approx([20, 24, 30], abs=0.6)
    assert mask.sum() == pytest.approx(4 / 3 * np.pi * 6**3, rel=0.05)
    assert hu[20, 24, 30] == pytest.approx(40)
    k, j, i = np.mgrid[:48, :48, :48]
    far = (k - 20) ** 2 + (j - 24) ** 2 + (i - 30) ** 2 > 8.5**2
    assert np.array_equal(hu[far], np.full(far.sum(), -850, np.float32))


def test_a_nodule_cut_by_the_border_leaves_its_visible_part():
    hu = np.full((32, 32, 32), -850, np.float32)
    mask = paste(hu, ball(), (0, 16, 16))
    assert mask.sum() == pytest.approx(2 / 3 * np.pi * 6**3, rel=0.2)


@pytest.mark.parametrize("scale", [0.8, 1.5, 2.0])
def test_scaling_scales_the_volume_by_its_cube(scale):
    turned = posed(ball(), Pose(0.7, scale, (True, False, True), 1.0))
    assert (turned.votes >= 0.5).sum() == pytest.approx(4 / 3 * np.pi * (6 * scale) ** 3, rel=0.08)


def test_thick_slices_blur_along_the_axis_only_and_keep_the_mass():
    thin, thick = posed(ball(), UPRIGHT), posed(ball(), Pose(0.0, 1.0, (False, False, False), 3.0))
    assert thick.opacity.sum() == pytest.approx(thin.opacity.sum(), rel=0.05)
    middle = thick.opacity.shape[0] // 2
    in_plane = (thick.opacity[middle - 1 : middle + 2] > 0.5).any(axis=0)
    assert in_plane.sum() == pytest.approx(np.pi * 6**2, rel=0.12)


def test_made_nodules_cover_small_to_large_and_are_drawn_by_their_seed():
    nodules = [made_nodule(np.random.default_rng(seed)) for seed in range(40)]
    volumes = np.array([(n.votes >= 0.5).sum() for n in nodules])
    diameters = np.cbrt(6 / np.pi * volumes)
    assert diameters.min() < 6
    assert 25 < diameters.max() < 60
    assert np.array_equal(made_nodule(np.random.default_rng(5)).hu, nodules[5].hu)
