from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from resmtnet.pipelines.training.images.augment import augment
from resmtnet.pipelines.training.images.augmentation import draw_augmentation
from resmtnet.pipelines.training.images.augmentation_ranges import AugmentationRanges

ALL = AugmentationRanges(15, 0.2, 0.08, 0.12, 0.1, 0.5, 0.5, 0.25, 0.1, 0.3, 0.3, 0.08, 0.5, 0.3)


def disc(size: int = 64, x: float = 40, y: float = 24, r: float = 8) -> torch.Tensor:
    v, u = np.ogrid[:size, :size]
    return torch.from_numpy(((u - x) ** 2 + (v - y) ** 2 < r**2).astype(np.float32))[None]


def drawn(n: int = 200, **ranges: float):
    return [draw_augmentation(AugmentationRanges(**ranges), np.random.default_rng([0, i])) for i in range(n)]


def centre(mask: torch.Tensor) -> np.ndarray:
    return np.array(ndimage.center_of_mass(mask[0].numpy()))


def test_no_range_no_change():
    grey, mask = torch.rand(1, 64, 64), disc()
    changed, moved = augment(grey, mask, drawn(1)[0])
    assert torch.allclose(changed, grey, atol=1e-5)
    assert torch.equal(moved, mask)


def test_a_mirror_image():
    changed, moved = augment(disc(), disc(), drawn(1, flip_share=1.0)[0])
    assert torch.allclose(changed, disc().flip(2), atol=1e-5)
    assert torch.equal(moved, disc().flip(2))


def test_rotation_moves_the_lesion_about_the_middle_and_keeps_its_area():
    angles = []
    for how in drawn(30, rotation_deg=40.0):
        _, moved = augment(disc(), disc(), how)
        before, after = centre(disc()) - 31.5, centre(moved) - 31.5
        assert np.linalg.norm(after) == pytest.approx(np.linalg.norm(before), abs=0.3)
        assert float(moved.sum()) == pytest.approx(float(disc().sum()), rel=0.06)
        angles.append(np.rad2deg(np.arctan2(*after) - np.arctan2(*before)))
    assert max(angles) > 25 > -25 > min(angles)
    assert max(map(abs, angles)) < 41


def test_scale_is_the_ratio_of_areas_and_shift_a_share_of_half_the_edge():
    areas = [float(augment(disc(x=32, y=32), disc(x=32, y=32), how)[1].sum()) for how in drawn(60, scale=0.5)]
    ratios = np.log(np.array(areas) / float(disc(x=32, y=32).sum())) / 2
    assert ratios.max() == pytest.approx(0.5, abs=0.06)
    assert ratios.min() == pytest.approx(-0.5, abs=0.06)
    moves = [centre(augment(disc(), disc(), how)[1]) - centre(disc()) for how in drawn(60, shift=0.25)]
    assert np.abs(moves).max() == pytest.approx(0.25 * 32, abs=0.6)


def test_image_and_mask_move_together():
    ranges = AugmentationRanges(15, 0.2, 0.1, 0.12, 0.1, 0.5)
    for n in range(20):
        changed, moved = augment(disc(), disc(), draw_augmentation(ranges, np.random.default_rng(n)))
        assert torch.equal((changed >= 0.5).float(), moved)


def test_gamma_gain_and_offset_by_hand():
    grey = torch.full((1, 8, 8), 0.3)
    for how in drawn(20, gamma=0.5, gain=0.25, offset=0.1):
        expected = np.clip(how.gain * 0.3**how.gamma + how.offset, 0, 1)
        assert augment(grey, None, how)[0].numpy() == pytest.approx(expected, abs=1e-5)
    hows = drawn(300, gamma=0.5, gain=0.25, offset=0.1)
    assert np.ptp(np.log([how.gamma for how in hows])) == pytest.approx(1.0, abs=0.05)
    assert np.ptp([how.gain for how in hows]) == pytest.approx(0.5, abs=0.03)
    assert np.ptp([how.offset for how in hows]) == pytest.approx(0.2, abs=0.02)


def test_detail_moves_with_the_picture_and_takes_its_gain_only():
    grey = torch.cat([torch.full((1, 64, 64), 0.3), 0.4 * disc()])
    for how in drawn(10, rotation_deg=40.0, gamma=0.5, gain=0.25, offset=0.1):
        changed, moved = augment(grey, disc(), how)
        assert centre(changed[1:]) == pytest.approx(centre(moved), abs=0.5)
        assert float(changed[1].max()) == pytest.approx(0.4 * how.gain, abs=1e-4)


def test_smoothing_noise_and_a_missing_piece():
    grey = torch.rand(1, 16, 16)
    smooth = augment(grey, None, drawn(1, blur_share=1.0)[0])[0]
    expected = ndimage.uniform_filter(grey[0].numpy(), 3, mode="nearest")
    assert np.allclose(smooth[0].numpy(), expected, atol=1e-5)
    how = next(how for how in drawn(20, noise_share=1.0, noise_sd=0.1) if how.noise_sd > 0.05)
    flat = torch.full((1, 200, 200), 0.5)
    assert float(augment(flat, None, how)[0].std()) == pytest.approx(how.noise_sd, rel=0.03)
    sides = []
    for how in drawn(50, erase_share=1.0, erase_size=0.4):
        gone = augment(torch.ones(1, 100, 100), disc(100), how)
        assert torch.equal(gone[1], disc(100))  # the lesion is still where it was
        rows, columns = np.nonzero(gone[0][0].numpy() == 0)
        sides += [np.ptp(rows) + 1, np.ptp(columns) + 1]
        assert len(rows) == (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
    assert 11 <= min(sides) < 20 < 35 < max(sides) <= 41


def test_one_range_does_not_move_the_draws_of_another():
    for n in range(20):
        with_all = draw_augmentation(ALL, np.random.default_rng(n))
        alone = draw_augmentation(
            AugmentationRanges(gamma=0.5, noise_share=1.0, noise_sd=0.08), np.random.default_rng(n)
        )
        assert alone.gamma == with_all.gamma
        assert alone.noise_seed == with_all.noise_seed


def test_what_comes_out_is_in_range():
    for n in range(50):
        changed, mask = augment(torch.rand(1, 32, 32), disc(32), draw_augmentation(ALL, np.random.default_rng(n)))
        assert 0 <= float(changed.min()) <= float(changed.max()) <= 1
        assert set(mask.unique().tolist()) <= {0.0, 1.0}


@pytest.mark.parametrize("ranges", [{"gamma": -0.1}, {"erase_share": 1.1}, {"erase_size": 2.0}])
def test_ranges_that_cannot_be(ranges):
    with pytest.raises(ValueError, match=next(iter(ranges))):
        AugmentationRanges(**ranges)
