import numpy as np
import pytest

from resmtnet.pipelines.training import close_transplant as module
from resmtnet.pipelines.training.background import Background
from resmtnet.pipelines.training.close_transplant import close_transplant
from resmtnet.pipelines.training.lidc_nodules import LidcRecord

RADIUS_MM, SPACING_XYZ = 6.0, (0.7, 0.7, 1.0)
EDGE, FINE_MM = 48, 0.6
LUNG_FROM_K = 60


def ball() -> LidcRecord:
    k, j, i = np.indices((21, 60, 60)) - np.reshape([10, 30, 30], (3, 1, 1, 1))
    inside = k**2 + (0.7 * j) ** 2 + (0.7 * i) ** 2 <= RADIUS_MM**2
    hu = np.where(inside, 100, -850).astype(np.int16)
    ratings = ({"malignancy": "4"},)
    return LidcRecord("K", "P", hu, np.where(inside, 3, 0).astype(np.uint8), SPACING_XYZ, np.eye(4), {}, ratings)


def chest(slice_mm: float = 1.0) -> Background:
    """HU falls by 2 per mm towards the head; lung is the upper part."""
    k = np.indices((100, 90, 90))[0]
    return Background((-700 - 2 * k).astype(np.int16), k >= LUNG_FROM_K, None, None, slice_mm)


RECORD, CHEST = ball(), chest()


def drawn(seed: int, background: Background = CHEST):
    return close_transplant(RECORD, background, np.random.default_rng(seed), edge=EDGE, spacing_mm=FINE_MM)


@pytest.fixture
def unscaled(monkeypatch):
    monkeypatch.setattr(module, "_SCALE_SD", 0.0)


@pytest.mark.usefixtures("unscaled")
@pytest.mark.parametrize("seed", range(5))
def test_the_ball_has_its_size_in_fine_voxels_and_stands_where_the_lesion_says(seed):
    hu, lesion = drawn(seed)
    assert hu.shape == lesion.mask.shape == (EDGE, EDGE, EDGE)
    # turned and cut from 0.7 mm voxels to 0.6 mm
    assert lesion.mask.sum() * FINE_MM**3 == pytest.approx(4 / 3 * np.pi * RADIUS_MM**3, rel=0.05)
    np.testing.assert_allclose(np.argwhere(lesion.mask).mean(axis=0), lesion.centre_kji, atol=0.8)
    assert np.abs(np.array(lesion.centre_kji) - EDGE / 2).max() <= 4.8 / FINE_MM + 0.5
    distance_mm = np.linalg.norm(np.indices(hu.shape) - np.reshape(lesion.centre_kji, (3, 1, 1, 1)), axis=0) * FINE_MM
    # interpolated twice: a voxel of the patch, one of the turned nodule, and the middle is rounded
    assert hu[distance_mm < RADIUS_MM - 3].min() > 99
    assert hu[distance_mm > RADIUS_MM + 4.5].max() < -700
    assert lesion.scores.tolist() == [0, 0, 0, 1, 0]


@pytest.mark.parametrize("seed", range(5))
def test_the_chest_is_seen_at_the_fine_spacing_and_in_its_lung(seed):
    hu, _ = drawn(seed)
    column = hu[:, 0, 0]  # away from the nodule
    steps = np.diff(column)
    assert np.median(steps) == pytest.approx(-2 * FINE_MM, abs=0.01)
    middle_k = (-700 - column[EDGE // 2]) / 2
    assert LUNG_FROM_K - 1.5 <= middle_k <= 100


def test_scale_is_drawn():
    volumes = [drawn(seed)[1].mask.sum() for seed in range(8)]
    # 3 x 6 % standard deviation of the logarithm
    assert 0.05 < np.log(volumes).std() < 0.4


@pytest.mark.usefixtures("unscaled")
def test_in_a_chest_of_thick_slices_the_nodule_ends_as_softly_as_they_do():
    def soft_mm(hu, lesion):
        j, i = (round(v) for v in lesion.centre_kji[1:])
        return FINE_MM * ((hu[:, j, i] > -650) & (hu[:, j, i] < 50)).sum()

    # averaged over 5 mm and interpolated over 5 mm, each of two edges takes 5 to 10 mm, of which the limits show 0.8
    assert soft_mm(*drawn(1)) < 4
    assert 0.8 * 2 * 5 <= soft_mm(*drawn(1, chest(slice_mm=5.0))) <= 0.8 * 2 * 10


def test_the_same_numbers_give_the_same_patch():
    (a, of_a), (b, of_b), (c, _) = drawn(7), drawn(7), drawn(8)
    assert np.array_equal(a, b)
    assert np.array_equal(of_a.mask, of_b.mask)
    assert not np.array_equal(a, c)
    assert CHEST.hu[60, 0, 0] == -820  # the chest itself stays as it is
