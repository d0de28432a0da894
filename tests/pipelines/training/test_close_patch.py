"""Close patches of analytic records: where a voxel lies is read off linear fields drawn with the same numbers."""

import dataclasses

import numpy as np
import pytest
from scipy import ndimage

from resmtnet.pipelines.training.close_patch import close_patch
from resmtnet.pipelines.training.lidc_nodules import LidcRecord
from resmtnet.transforms.targets import Lesion

SPACING_KJI = np.array([2.0, 0.6, 0.7])
SHAPE, ORIGIN = (27, 100, 90), (13, 50, 45)
EDGE, FINE_MM = 40, 0.6
BALLS = (((0.0, 0.0, 0.0), 6.0), ((3.0, 4.0, 3.0), 2.5))  # middle (k, j, i; mm from the origin) and radius: no symmetry
MIDDLE_MM = (0.0, 0.25, 0.0)  # of the box around both
HU_PER_MM = 20
# interpolation reaches one voxel of the scan, whose diagonal this is
VOXEL_MM = float(np.linalg.norm(SPACING_KJI))


def from_origin(shape=SHAPE, origin=ORIGIN) -> np.ndarray:
    """Position of every voxel, mm ``(3, k, j, i)``."""
    return (np.indices(shape) - np.reshape(origin, (3, 1, 1, 1))) * SPACING_KJI.reshape(3, 1, 1, 1)


def depth_mm(position_mm: np.ndarray) -> np.ndarray:
    """Distance to the surface of the two balls, negative inside, nearly."""
    middles = [np.reshape(m, (3, 1, 1, 1)) for m, _ in BALLS]
    return np.min(
        [np.linalg.norm(position_mm - m, axis=0) - r for m, (_, r) in zip(middles, BALLS, strict=True)], axis=0
    )


def record(hu: np.ndarray, inside: np.ndarray, row: dict[str, str] | None = None) -> LidcRecord:
    affine_ras = np.diag([-0.7, -0.6, 2.0, 1.0])
    affine_ras[:3, 3] = (100, 50, -30)
    readers = np.where(inside, 7, 0).astype(np.uint8)
    return LidcRecord("K", "P", hu.astype(np.int16), readers, tuple(SPACING_KJI[::-1]), affine_ras, row or {}, ())


POSITIONS = from_origin()
INSIDE = depth_mm(POSITIONS) <= 0
BALL = record(np.where(INSIDE, 30, -850), INSIDE)


def drawn(from_record: LidcRecord, seed: int) -> tuple[np.ndarray, Lesion]:
    return close_patch(from_record, np.random.default_rng(seed), edge=EDGE, spacing_mm=FINE_MM)


def positions_mm(seed: int, like: LidcRecord = BALL) -> np.ndarray:
    """Where each voxel of patch ``seed`` lies in the scan, mm ``(3, edge, edge, edge)``."""
    fields = (dataclasses.replace(like, hu=np.rint(HU_PER_MM * p).astype(np.int16)) for p in POSITIONS)
    return np.stack([drawn(field, seed)[0] for field in fields]) / HU_PER_MM


def turn(position_mm: np.ndarray) -> np.ndarray:
    """Matrix from mm in the patch to mm in the scan."""
    return np.array([[np.diff(p, axis=a).mean() / FINE_MM for a in range(3)] for p in position_mm])


@pytest.mark.parametrize("seed", range(4))
def test_image_and_outline_show_what_the_scan_holds_there(seed):
    hu, lesion = drawn(BALL, seed)
    position_mm = positions_mm(seed)
    depth = depth_mm(position_mm)
    assert hu.shape == lesion.mask.shape == (EDGE, EDGE, EDGE)
    assert np.abs(hu[depth < -VOXEL_MM] - 30).max() < 0.01
    assert np.abs(hu[depth > VOXEL_MM] + 850).max() < 0.01
    assert lesion.mask[depth < -VOXEL_MM].min() > 0.999
    assert lesion.mask[depth > VOXEL_MM].max() == 0
    np.testing.assert_allclose(lesion.mask, (hu + 850) / 880, atol=1e-4)  # image and outline agree in every voxel
    truth_mm3 = INSIDE.sum() * SPACING_KJI.prod()
    assert lesion.mask.sum() * FINE_MM**3 * abs(np.linalg.det(turn(position_mm))) == pytest.approx(truth_mm3, rel=0.02)
    both = ((lesion.mask >= 0.5) & (depth <= 0)).sum()
    # voxels of 2 mm cannot say the surface of a ball of 6 mm radius better
    assert 2 * both / ((lesion.mask >= 0.5).sum() + (depth <= 0).sum()) > 0.93


@pytest.mark.parametrize("seed", range(4))
def test_the_nodule_is_where_the_lesion_says(seed):
    centre = np.array(drawn(BALL, seed)[1].centre_kji)
    at = [ndimage.map_coordinates(p, centre[:, None], order=1)[0] for p in positions_mm(seed)]
    np.testing.assert_array_less(np.abs(np.array(at) - MIDDLE_MM), SPACING_KJI / 2 + 1 / HU_PER_MM)


def test_patches_are_shifted_turned_mirrored_and_stretched_within_bounds():
    turns = np.array([turn(positions_mm(seed)) for seed in range(24)])
    shifts_mm = np.array([np.array(drawn(BALL, seed)[1].centre_kji) - (EDGE - 1) / 2 for seed in range(24)]) * FINE_MM
    assert np.all(np.abs(shifts_mm) <= [2.4, 4.8, 4.8])
    assert np.all(shifts_mm.std(axis=0) > 0.3 * np.array([2.4, 4.8, 4.8]))  # uniform: 0.58
    np.testing.assert_allclose([turns[:, 0, 1:], turns[:, 1:, 0]], 0, atol=2e-3)  # slices stay slices
    in_plane = turns[:, 1:, 1:]
    scales = np.sqrt(np.abs(np.linalg.det(in_plane)))
    np.testing.assert_allclose(
        in_plane @ in_plane.transpose(0, 2, 1), scales[:, None, None] ** 2 * np.eye(2), atol=1e-2
    )
    for values, sd in ((scales, 0.06), (np.abs(turns[:, 0, 0]), 0.12)):
        assert np.log(values).std() == pytest.approx(sd, rel=0.5)  # 24 draws know it to 15 %
    assert {(a > 0, b > 0) for a, b in zip(turns[:, 0, 0], np.linalg.det(in_plane), strict=True)} == {
        (a, b) for a in (True, False) for b in (True, False)
    }
    angles = np.arctan2(in_plane[:, 1, 0], in_plane[:, 0, 0])
    assert abs(np.exp(1j * angles).mean()) < 0.5


def test_the_same_numbers_give_the_same_patch():
    (a, of_a), (b, of_b), (c, _) = drawn(BALL, 5), drawn(BALL, 5), drawn(BALL, 6)
    assert np.array_equal(a, b)
    assert np.array_equal(of_a.mask, of_b.mask)
    assert not np.array_equal(a, c)


def steps(n_outlined_from: int) -> LidcRecord:
    """Seven slices of 0, 100, ... 600 HU, the nodule in all from ``n_outlined_from`` on."""
    hu = np.broadcast_to(100 * np.arange(7)[:, None, None], (7, 40, 40))
    inside = np.zeros(hu.shape, bool)
    inside[n_outlined_from:, 12:28, 12:28] = True
    return record(hu, inside)


def slices_shown(of: LidcRecord, seed: int) -> tuple[int, int, Lesion, np.ndarray]:
    hu, lesion = close_patch(of, np.random.default_rng(seed), edge=32, spacing_mm=1.0)
    return round(float(hu.min()) / 100), round(float(hu.max()) / 100) + 1, lesion, hu


def test_a_patch_with_slices_beside_its_nodule_is_never_cut():
    assert {slices_shown(steps(1), seed)[:2] for seed in range(60)} == {(0, 7)}


def test_a_patch_that_ends_with_its_nodule_loses_slices_at_times():
    shown = [slices_shown(steps(0), seed) for seed in range(100)]
    cut = [(low, high) for low, high, _, _ in shown if (low, high) != (0, 7)]
    assert all(high - low >= 5 for low, high in cut)  # a third at most
    assert {low for low, _ in cut} == {0, 1, 2}
    assert {high for _, high in cut} == {5, 6, 7}
    assert 0.13 < len(cut) / len(shown) < 0.41  # 0.3 x 8 / 9, give or take three standard deviations


def test_the_outline_loses_the_slices_that_the_image_loses():
    for seed in range(20):
        low, high, lesion, hu = slices_shown(steps(0), seed)
        j, i = (round(v) for v in lesion.centre_kji[1:])
        slices_per_voxel = np.abs(np.diff(hu[:, j, i])).max() / 100
        assert lesion.mask[:, j, i].sum() * slices_per_voxel == pytest.approx(high - low, abs=0.1)


def test_a_cut_outline_stays_with_its_slices():
    of = steps(0)
    widths = 4 + 2 * np.arange(7)
    readers = np.zeros_like(of.readers)
    for k, width in enumerate(widths):
        readers[k, 12:28, 12 : 12 + width] = 7
    for seed in range(20):
        low, high, lesion, hu = slices_shown(dataclasses.replace(of, readers=readers), seed)
        slice_k = hu[:, 0, 0] / 100
        between = (slice_k > low) & (slice_k < high - 1)
        area_per_width = lesion.mask.sum(axis=(1, 2))[between] / (4 + 2 * slice_k[between])
        assert np.ptp(area_per_width) < 0.05 * area_per_width.mean()


BOX = {"box_x_mm": "7", "box_y_mm": "6", "box_z_mm": "8"}
POINT = {"coordX": "-61.5", "coordY": "-26", "coordZ": "-6"}  # of voxel (i, j, k) = (55, 40, 12), by hand


@pytest.mark.parametrize("seed", range(3))
def test_a_nodule_that_nobody_outlined_lies_at_its_point(seed):
    hu = np.full(SHAPE, -850)
    hu[12, 40, 55] = 3000
    bare = record(hu, np.zeros(SHAPE, bool), POINT)
    image, lesion = drawn(bare, seed)
    assert lesion.mask is None
    assert lesion.edges is None
    brightest = np.unravel_index(image.argmax(), image.shape)
    assert np.abs(np.array(brightest) - lesion.centre_kji).max() <= 1


def test_its_box_is_that_around_the_turned_box():
    boxed = record(np.zeros(SHAPE), np.zeros(SHAPE, bool), POINT | BOX)
    for seed in range(4):
        corners_mm = np.array(list(np.ndindex(2, 2, 2))) * [8.0, 6.0, 7.0]
        in_patch = corners_mm @ np.linalg.inv(turn(positions_mm(seed, boxed))).T / FINE_MM
        np.testing.assert_allclose(drawn(boxed, seed)[1].edges, np.ptp(in_patch, axis=0), rtol=0.01)
