"""A right chest gives no code, and each wrong header or scale its own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from resmtnet.pipelines.ingest.content.check_content import check_content
from resmtnet.pipelines.phantom.chest import ChestPhantom, chest_phantom
from resmtnet.pipelines.phantom.linear import linear_phantom

HU, LUNGS = "W_IMPLAUSIBLE_HU", "W_LUNGS_NOT_FOUND"
MIRRORED, UPSIDE_DOWN, SPACING = "W_MIRRORED", "W_UPSIDE_DOWN", "W_SPACING_IMPLAUSIBLE"
HEAD, BACK, LEFT = 0, 1, 2  # array axes of the phantom, and where they run to


def turned(degrees: float, axis: int) -> np.ndarray:
    """Rotation about x, y or z of the patient."""
    a, b = [n for n in range(3) if n != axis]
    matrix = np.eye(3)
    matrix[a, a] = matrix[b, b] = np.cos(np.radians(degrees))
    matrix[a, b], matrix[b, a] = -np.sin(np.radians(degrees)), np.sin(np.radians(degrees))
    return matrix


def seen_along(chest: ChestPhantom, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Resample the chest on a grid with these directions (columns i, j, k) about its middle: truth by interpolation."""
    affine = chest.affine_lps.copy()
    affine[:3, :3] = directions @ affine[:3, :3]
    middle = (np.array(chest.hu.shape[::-1]) - 1) / 2
    affine[:3, 3] = chest.affine_lps[:3, :3] @ middle + chest.affine_lps[:3, 3] - affine[:3, :3] @ middle
    ijk = (np.linalg.inv(chest.affine_lps) @ affine)[::-1][1:, [2, 1, 0, 3]]
    hu = ndimage.affine_transform(chest.hu, ijk[:, :3], ijk[:, 3], order=1, cval=-1000)
    return hu, affine


def scaled(affine: np.ndarray, *factors: float) -> np.ndarray:
    return affine @ np.diag([*factors, 1.0])


@pytest.mark.parametrize("seed", [0, 3])
def test_right_chest(seed: int) -> None:
    chest = chest_phantom(seed=seed, spacing_mm=(4.0, 4.0, 5.0), nodules=())

    assert check_content(chest.hu.astype(np.int16), chest.affine_lps) == ()
    assert check_content(chest.hu.astype(np.float32), chest.affine_lps) == ()


@pytest.mark.parametrize(
    ("axes", "codes"),
    [
        ((LEFT,), (MIRRORED,)),
        ((BACK,), (UPSIDE_DOWN,)),
        ((HEAD,), (UPSIDE_DOWN,)),
        ((LEFT, BACK), (MIRRORED, UPSIDE_DOWN)),
        ((LEFT, HEAD), (MIRRORED, UPSIDE_DOWN)),
        ((BACK, HEAD), (UPSIDE_DOWN,)),
        ((LEFT, BACK, HEAD), (MIRRORED, UPSIDE_DOWN)),
    ],
)
def test_array_flipped_against_its_affine(chest: ChestPhantom, axes: tuple[int, ...], codes: tuple[str, ...]) -> None:
    assert check_content(np.flip(chest.hu, axes), chest.affine_lps) == codes


@pytest.mark.parametrize("order", [(2, 0, 1), (1, 2, 0), (2, 1, 0)])
@pytest.mark.parametrize("mirrored", [False, True])
def test_stored_order_of_axes_does_not_matter(chest: ChestPhantom, order: tuple[int, int, int], mirrored: bool) -> None:
    """Sagittal or coronal slices, the first array axis run through backwards, with an affine that says so."""
    hu = np.flip(chest.hu, LEFT) if mirrored else chest.hu
    columns = [2 - axis for axis in order][::-1]
    affine = chest.affine_lps[:, [*columns, 3]]
    affine[:3, 3] += affine[:3, 2] * (hu.shape[order[0]] - 1)
    affine[:3, 2] *= -1

    assert check_content(hu.transpose(order)[::-1], affine) == ((MIRRORED,) if mirrored else ())


@pytest.mark.parametrize(
    "factors",
    [(1, 1, 5), (1, 1, 0.2), (1, 5, 1), (5, 5, 1), (1, 1, 3)],
    ids=lambda factors: "x".join(map(str, factors)),
)
def test_wrong_spacing(chest: ChestPhantom, factors: tuple[float, float, float]) -> None:
    assert SPACING in check_content(chest.hu, scaled(chest.affine_lps, *factors))


@pytest.mark.parametrize("size", [0.5, 0.7, 1.2])
def test_children_and_large_adults_are_plausible(chest: ChestPhantom, size: float) -> None:
    assert check_content(chest.hu, scaled(chest.affine_lps, size, size, size)) == ()


@pytest.mark.parametrize(
    ("slope", "intercept"), [(1, 1024), (1, -1000), (2, 0), (0.5, 0), (-1, 0), (0.2, 180), (1, 32768)]
)
def test_other_units_than_hu(chest: ChestPhantom, slope: float, intercept: float) -> None:
    wrong = np.clip(chest.hu.astype(np.float32) * slope + intercept, -1024, None)

    assert check_content(wrong, chest.affine_lps) == (HU,)


def test_lost_intercept_with_padding_that_looks_like_air(chest: ChestPhantom) -> None:
    wrong = chest.hu.astype(np.int32) + 1024
    wrong[:, :15] = -1024

    assert check_content(wrong.astype(np.int16), chest.affine_lps) == (HU,)


def test_prone(chest: ChestPhantom, prone_hu: np.ndarray) -> None:
    assert check_content(prone_hu, chest.affine_lps) == ()
    assert check_content(np.flip(prone_hu, BACK), chest.affine_lps) == (UPSIDE_DOWN,)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("degrees", [-15, 15, 45])
def test_oblique(chest: ChestPhantom, axis: int, degrees: float) -> None:
    hu, affine = seen_along(chest, turned(degrees, axis))

    assert check_content(hu, affine) == ()


def test_oblique_in_the_plane_and_mirrored(chest: ChestPhantom) -> None:
    hu, affine = seen_along(chest, turned(15, 2))

    assert check_content(np.flip(hu, LEFT), affine) == (MIRRORED,)


def test_gantry_tilt(chest: ChestPhantom) -> None:
    sheared = np.eye(3)
    sheared[1, 2] = np.tan(np.radians(15))
    hu, affine = seen_along(chest, sheared)

    assert check_content(hu, affine) == ()
    assert check_content(np.flip(hu, HEAD), affine) == (UPSIDE_DOWN,)


def test_no_lungs(chest: ChestPhantom) -> None:
    belly = chest.hu.copy()
    belly[(belly < -500) & ndimage.binary_fill_holes(belly[30] > -400)] = 40

    assert check_content(belly, chest.affine_lps) == (LUNGS,)


@pytest.mark.parametrize("side", [slice(0, 45), slice(45, 90)], ids=["right", "left"])
def test_one_white_lung_is_no_error(chest: ChestPhantom, side: slice) -> None:
    """A lung filled with fluid takes heart and lung shape from the measures; nothing may be told."""
    hu = chest.hu.copy()
    inside = ndimage.binary_fill_holes(hu[30] > -400)
    hu[:, :, side][(hu[:, :, side] < -400) & inside[:, side]] = 10

    assert check_content(hu, chest.affine_lps) == ()


@pytest.mark.parametrize("part", [np.s_[30:40], np.s_[:, 30:55], np.s_[:, :, 10:35]])
def test_small_fields_of_view_are_not_judged(chest: ChestPhantom, part: tuple[slice, ...]) -> None:
    assert check_content(np.flip(chest.hu, LEFT)[part] + 1024, chest.affine_lps) == ()


def test_linear_phantom_is_not_judged() -> None:
    phantom = linear_phantom((12, 16, 20), np.diag([1.4, 1.6, 2.5, 1.0]))

    assert check_content(phantom, np.diag([1.4, 1.6, 2.5, 1.0])) == ()


def test_the_volume_stays_as_it_is(chest: ChestPhantom) -> None:
    hu = chest.hu.copy()
    hu.flags.writeable = False

    check_content(hu, chest.affine_lps)
    assert np.array_equal(hu, chest.hu)
