from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import ndimage

from resmtnet.pipelines.evaluation.detection.true_scan import Place
from resmtnet.pipelines.evaluation.transplanted.fit_nodule import fit_nodule
from resmtnet.pipelines.evaluation.transplanted.noise import made_noise, noise_hu
from resmtnet.pipelines.evaluation.transplanted.plant_nodules import plant_nodules
from resmtnet.pipelines.training.lidc_nodules import LidcRecord, read_lidc_nodules
from resmtnet.transforms.grid import Grid
from resmtnet.transforms.lungs import find_lungs

BALL_MM3 = 4 / 3 * np.pi * 5.0**3  # of the nodules of lidc_folder
BALL_HU, LUNG_HU = 30, -850


@pytest.fixture(scope="module")
def records(lidc_folder) -> list[LidcRecord]:
    return list(read_lidc_nodules(lidc_folder, None))


@pytest.fixture(scope="module")
def chest(small_chest) -> tuple[np.ndarray, Grid]:
    return small_chest.hu, Grid(small_chest.hu.shape, small_chest.affine_lps)


def grown_voxels(mask: np.ndarray, shape: tuple[int, ...], start: tuple[int, ...]) -> np.ndarray:
    whole = np.zeros(shape, bool)
    whole[tuple(slice(s, s + n) for s, n in zip(start, mask.shape, strict=True))] = mask
    return whole


def test_nodules_lie_where_the_truth_says_and_all_else_is_untouched(chest, records):
    hu, grid = chest
    planted_hu, truths = plant_nodules(hu, grid, records, np.random.default_rng(1), 3)
    assert planted_hu.dtype == hu.dtype
    assert len({t.key for t in truths}) == 3
    lungs = find_lungs(hu, grid)
    near = np.zeros(hu.shape, bool)
    for truth in truths:
        mask = grown_voxels(truth.mask.voxels, hu.shape, truth.mask.start_kji)
        voxels_lps = grid.to_lps(np.argwhere(mask)[:, ::-1])
        assert voxels_lps.mean(axis=0) == pytest.approx(truth.centre_lps_mm, abs=1.0)
        assert truth.diameter_mm == 10.0
        centre = tuple(np.rint(grid.to_ijk([truth.centre_lps_mm])[0][::-1]).astype(int))
        assert planted_hu[centre] == pytest.approx(BALL_HU, abs=25)
        in_lungs = np.rint(lungs.grid.to_ijk(voxels_lps)[:, ::-1]).astype(int)
        assert (lungs.labels[tuple(in_lungs.T)] > 0).all()
        assert (hu[mask] == LUNG_HU).all()  # neither on the scan's own nodule nor on the wall
        away = np.linalg.norm(grid.to_lps(np.argwhere(np.ones_like(mask))[:, ::-1]) - truth.centre_lps_mm, axis=1)
        near |= (away < 5 + 3 + np.sqrt(3) * 2.5).reshape(mask.shape)  # the ball, its rim, a voxel's diagonal
    assert np.array_equal(planted_hu[~near], hu[~near])
    assert not np.array_equal(planted_hu, hu)


def test_nodules_keep_apart_from_each_other_and_from_known_lesions(chest, records):
    hu, grid = chest
    lesion = Place((-55.0, 0.0, 0.0), 20.0)
    for seed in range(2):
        _, truths = plant_nodules(hu, grid, records, np.random.default_rng(seed), 4, taken=[lesion])
        centres = [lesion.centre_lps_mm, *(t.centre_lps_mm for t in truths)]
        radii = [10.0] + [5.0] * len(truths)
        for a in range(len(centres)):
            for b in range(a):
                gap = np.linalg.norm(np.subtract(centres[a], centres[b])) - radii[a] - radii[b]
                assert gap >= 10.0


def test_the_same_seed_gives_the_same_voxels_and_another_one_others(chest, records):
    def once(seed: int) -> np.ndarray:
        return plant_nodules(*chest, records, np.random.default_rng(seed), 2)[0]

    assert np.array_equal(once(5), once(5))
    assert not np.array_equal(once(5), once(6))


@pytest.mark.parametrize("slice_mm", [0.7, 1.5, 3.0])
def test_a_fitted_ball_has_its_volume_place_and_values_whatever_the_slices(records, slice_mm):
    spacing, rng, volumes = (slice_mm, 0.8, 0.8), np.random.default_rng(0), []
    for _ in range(8):
        fitted = fit_nodule(records[0], spacing, rng)
        volumes.append(fitted.mask.sum() * np.prod(spacing))
        offset = np.argwhere(fitted.mask).mean(axis=0) - fitted.centre_kji
        assert np.abs(offset).max() < 0.35  # voxels
        where = np.stack(np.indices(fitted.mask.shape), axis=-1) - fitted.centre_kji
        core = np.linalg.norm(where * spacing, axis=-1) < 2
        assert (fitted.opacity[core] > 0.99).all()
        assert np.median(fitted.weighted_hu[core]) == pytest.approx(BALL_HU, abs=15)
    assert volumes == pytest.approx([BALL_MM3] * 8, rel=0.25)  # slices meet the ball anywhere
    assert np.mean(volumes) == pytest.approx(BALL_MM3, rel=0.1)


def test_an_elongated_nodule_is_not_cut_when_it_is_turned(records):
    readers = np.zeros_like(records[0].readers)
    readers[:, 44:52, 20:76] = 1  # 6.4 x 44.8 mm
    hu = np.where(readers, BALL_HU, LUNG_HU).astype(np.int16)
    rod = dataclasses.replace(records[0], readers=readers, hu=hu)
    expected = readers.sum() * 0.8 * 0.8 * 2.0
    for seed in range(4):
        fitted = fit_nodule(rod, (2.0, 0.8, 0.8), np.random.default_rng(seed))
        assert fitted.mask.sum() * 2.0 * 0.64 == pytest.approx(expected, rel=0.2)


@pytest.mark.parametrize(
    ("order", "flip"), [((0, 1, 2), (-1, 1, -1)), ((1, 0, 2), (1, -1, 1)), ((2, 0, 1), (-1, 1, 1))]
)
def test_a_scan_stored_in_another_order_gets_the_same_nodules(chest, records, order, flip):
    hu, grid = chest
    expected, truths = plant_nodules(hu, grid, records, np.random.default_rng(3), 2)
    stored = hu.transpose(order)[tuple(slice(None, None, step) for step in flip)]
    affine = grid.affine_lps[:, [*(2 - a for a in order[::-1]), 3]].copy()
    for column, (step, size) in enumerate(zip(flip[::-1], stored.shape[::-1], strict=True)):
        if step < 0:
            affine[:, 3] += (size - 1) * affine[:, column]
            affine[:, column] *= -1
    found, same = plant_nodules(stored, Grid(stored.shape, affine), records, np.random.default_rng(3), 2)
    assert np.array_equal(found[tuple(slice(None, None, step) for step in flip)].transpose(np.argsort(order)), expected)
    for a, b in zip(truths, same, strict=True):
        assert a.centre_lps_mm == pytest.approx(b.centre_lps_mm, abs=1e-6)
        whole = grown_voxels(b.mask.voxels, stored.shape, b.mask.start_kji)
        back = whole[tuple(slice(None, None, step) for step in flip)].transpose(np.argsort(order))
        assert np.array_equal(back, grown_voxels(a.mask.voxels, hu.shape, a.mask.start_kji))


def test_a_chest_without_lung_gets_none(chest, records):
    hu = np.full_like(chest[0], 30)
    planted_hu, truths = plant_nodules(hu, chest[1], records, np.random.default_rng(0), 2)
    assert truths == ()
    assert np.array_equal(planted_hu, hu)


def test_noise_is_measured_as_it_was_made():
    white = np.random.default_rng(0).normal(0, 25, (8, 40, 40)) + 30 * np.arange(40)
    assert noise_hu(white) == pytest.approx(25, rel=0.05)
    made = made_noise((8, 40, 40), 12.0, np.random.default_rng(1))
    assert noise_hu(made) == pytest.approx(12.0, rel=1e-3)
    assert not made_noise((4, 4, 4), 0.0, np.random.default_rng(1)).any()


def test_a_nodule_in_a_noisy_scan_is_as_noisy_as_its_lung(chest, records):
    coarse, grid = chest
    affine = grid.affine_lps @ np.diag([0.5, 0.5, 0.5, 1.0])
    clean = coarse.repeat(2, 0).repeat(2, 1).repeat(2, 2)
    noisy = clean + made_noise(clean.shape, 60.0, np.random.default_rng(2)).astype(np.int16)
    smooth = dataclasses.replace(records[0], hu=np.where(records[0].readers > 0, BALL_HU, LUNG_HU).astype(np.int16))

    def noise_inside(hu: np.ndarray) -> float:
        planted, truths = plant_nodules(hu, Grid(hu.shape, affine), [smooth], np.random.default_rng(4), 1)
        mask = truths[0].mask
        core = ndimage.binary_erosion(np.pad(mask.voxels, 1), np.ones((1, 3, 3)))[1:-1, 1:-1, 1:-1]
        return noise_hu(planted[_of(mask)], core)

    assert noise_inside(clean) < 10
    assert noise_inside(noisy) == pytest.approx(60, rel=0.4)


def _of(mask) -> tuple[slice, ...]:
    return tuple(slice(s, s + n) for s, n in zip(mask.start_kji, mask.voxels.shape, strict=True))
