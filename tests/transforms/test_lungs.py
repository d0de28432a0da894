"""Lungs of a chest made of ellipsoids: what is lung, on which side, and which box holds it."""

from dataclasses import dataclass

import numpy as np
import pytest

from resmtnet.transforms.grid import Grid, to_metatensor
from resmtnet.transforms.lung_region import LungRegiond, lung_box
from resmtnet.transforms.lungs import find_lungs

# centre and half axes, LPS mm
BODY = ((0, 0, 0), (180, 110, 400))
RIGHT_LUNG = ((-80, 0, 0), (60, 80, 110))
LEFT_LUNG = ((80, 0, 0), (55, 75, 105))
NOISE_HU = 40.0


@dataclass(frozen=True)
class Chest:
    """What stands in the field of view; by default two lungs in a body, a trachea above them, and a couch."""

    right_hu: float = -850.0
    left_hu: float = -850.0
    outside_hu: float = -1000.0
    tissue_hu: float = 40.0
    stomach: bool = True


def _within(lps, ellipsoid):
    centre, half = (np.array(value, dtype=np.float32) for value in ellipsoid)
    x, y, z = (((lps[..., axis] - centre[axis]) / half[axis]) ** 2 for axis in range(3))
    return x + y + z <= 1


def _hu(grid, chest):
    k, j, i = (np.arange(n, dtype=np.float32) for n in grid.shape_kji)
    columns = grid.affine_lps.astype(np.float32)[:3]
    lps = k[:, None, None, None] * columns[:, 2] + j[:, None, None] * columns[:, 1] + i[:, None] * columns[:, 0]
    lps += columns[:, 3]
    hu = np.full(grid.shape_kji, chest.outside_hu, np.float32)
    couch = (np.abs(lps[..., 1] - 150) < 12) & (np.abs(lps[..., 0]) < 200)
    hu[couch] = -900 if chest.outside_hu > -1024 else chest.outside_hu
    hu[_within(lps, BODY)] = chest.tissue_hu
    hu[_within(lps, RIGHT_LUNG)] = chest.right_hu
    hu[_within(lps, LEFT_LUNG)] = chest.left_hu
    trachea = (np.hypot(lps[..., 0], lps[..., 1] + 10) < 9) & (lps[..., 2] > 40)
    hu[trachea & _within(lps, BODY)] = -1000
    if chest.stomach:
        hu[_within(lps, ((40, -40, -140), (30, 30, 20)))] = -1000
    noise = np.random.default_rng(0).standard_normal(grid.shape_kji, np.float32) * NOISE_HU
    return np.clip(hu + noise, -1024, 3071).round().astype(np.int16), lps


def _grid(columns=None, spacing_mm=(3.5, 3.5, 5.0), extent_mm=(400.0, 320.0, 360.0), centre=(0, 0, 0)):
    columns = np.eye(3) if columns is None else np.array(columns, dtype=float)
    i, j, k = (int(along / mm) for along, mm in zip(np.abs(columns).T @ extent_mm, spacing_mm, strict=True))
    affine = np.eye(4)
    affine[:3, :3] = columns * np.array(spacing_mm)
    affine[:3, 3] = np.array(centre) - affine[:3, :3] @ (np.array([i, j, k]) - 1) / 2
    return Grid((k, j, i), affine)


ORIENTATIONS = {
    "axial": np.eye(3),
    "axial_flipped": np.diag([-1, -1, 1]),
    "feet_up": np.diag([1, 1, -1]),
    "sagittal": [[0, 0, 1], [1, 0, 0], [0, -1, 0]],
    "coronal": [[1, 0, 0], [0, 0, 1], [0, -1, 0]],
    "tilted": [[1, 0, 0], [0, np.cos(0.2), 0], [0, -np.sin(0.2), 1]],
}


def _labels_at(lungs, lps):
    voxels = lungs.grid.to_ijk(np.atleast_2d(lps)).round().astype(int)
    return [int(lungs.labels[k, j, i]) for i, j, k in voxels]


def _in_box(box, grid, ellipsoid, lps):
    start, stop = box
    inside = np.zeros(grid.shape_kji, bool)
    inside[start[0] : stop[0], start[1] : stop[1], start[2] : stop[2]] = True
    return bool(np.all(inside[_within(lps, ellipsoid)]))


@pytest.mark.parametrize("name", sorted(ORIENTATIONS))
def test_both_lungs_are_found_with_the_patients_sides(name):
    grid = _grid(ORIENTATIONS[name])
    hu, lps = _hu(grid, Chest())
    lungs = find_lungs(hu, grid)
    assert lungs.found
    assert _labels_at(lungs, [RIGHT_LUNG[0], LEFT_LUNG[0], (0, 60, 0), (40, -40, -140)]) == [1, 2, 0, 0]
    for label, (_, half) in ((1, RIGHT_LUNG), (2, LEFT_LUNG)):
        volume_mm3 = (lungs.labels == label).sum() * lungs.grid.voxel_volume_mm3
        assert volume_mm3 == pytest.approx(4 / 3 * np.pi * np.prod(half), rel=0.1)
    box = lung_box(lungs, grid)
    assert _in_box(box, grid, RIGHT_LUNG, lps)
    assert _in_box(box, grid, LEFT_LUNG, lps)


def test_box_is_the_lungs_and_their_margin_and_no_trachea():
    grid = _grid()
    lungs = find_lungs(_hu(grid, Chest())[0], grid)
    start, stop = lung_box(lungs, grid, 10.0)
    low, high = grid.to_lps([np.array(start[::-1]) - 0.5, np.array(stop[::-1]) - 0.5])
    np.testing.assert_allclose(low, [-150, -90, -120], atol=6)
    np.testing.assert_allclose(high, [145, 90, 120], atol=6)
    tight, _ = lung_box(lungs, grid, 0.0)
    assert [b - a for a, b in zip(tight, start, strict=True)] == [pytest.approx(n, abs=1) for n in (-2, -2.9, -2.9)]


def test_fine_and_coarse_sampling_agree():
    boxes = []
    for spacing_mm in ((1.5, 3.5, 6.0), (5.0, 5.0, 1.5)):
        grid = _grid(spacing_mm=spacing_mm)
        start, stop = lung_box(find_lungs(_hu(grid, Chest())[0], grid), grid)
        boxes.append(grid.to_lps([np.array(start[::-1]) - 0.5, np.array(stop[::-1]) - 0.5]))
    np.testing.assert_allclose(*boxes, atol=9)


def test_lungs_cut_by_the_field_of_view_are_kept():
    grid = _grid(extent_mm=(200.0, 140.0, 300.0))
    lungs = find_lungs(_hu(grid, Chest())[0], grid)
    assert lungs.found
    start, stop = lung_box(lungs, grid)
    assert (start[1:], stop[1:]) == ((0, 0), grid.shape_kji[1:])
    assert _labels_at(lungs, [(-90, 0, 0), (90, 0, 0)]) == [1, 2]


def test_lungs_standing_alone_are_found():
    grid = _grid()
    hu, lps = _hu(grid, Chest(outside_hu=-1024, tissue_hu=-1024, stomach=False))
    lungs = find_lungs(hu, grid)
    assert lungs.found
    assert _labels_at(lungs, [RIGHT_LUNG[0], LEFT_LUNG[0]]) == [1, 2]
    assert _in_box(lung_box(lungs, grid), grid, LEFT_LUNG, lps)


def test_padding_far_below_air_is_air():
    grid = _grid()
    hu, _ = _hu(grid, Chest())
    hu[:, :6] = hu[:, -6:] = -3024
    assert _labels_at(find_lungs(hu, grid), [RIGHT_LUNG[0], LEFT_LUNG[0]]) == [1, 2]


def test_slab_through_the_lungs_is_enough():
    grid = _grid(extent_mm=(400.0, 320.0, 24.0))
    assert find_lungs(_hu(grid, Chest())[0], grid).found


def test_box_covers_a_lung_that_holds_no_air():
    grid = _grid()
    hu, lps = _hu(grid, Chest(left_hu=30.0))
    lungs = find_lungs(hu, grid)
    assert lungs.found
    assert not np.any(lungs.labels == 2)
    assert _in_box(lung_box(lungs, grid), grid, LEFT_LUNG, lps)


def test_lung_reaches_over_a_consolidated_base_of_the_other():
    grid = _grid()
    hu, lps = _hu(grid, Chest())
    hu[_within(lps, LEFT_LUNG) & (lps[..., 2] < -20)] = 30
    assert _in_box(lung_box(find_lungs(hu, grid), grid), grid, LEFT_LUNG, lps)


def test_body_without_lungs_gives_its_own_box():
    grid = _grid()
    hu, lps = _hu(grid, Chest(right_hu=40.0, left_hu=40.0))
    lungs = find_lungs(hu, grid)
    assert not lungs.found
    assert not lungs.labels.any()
    box = lung_box(lungs, grid)
    assert _in_box(box, grid, BODY, lps)
    assert box[1][1] - box[0][1] < 0.8 * grid.shape_kji[1]  # no couch, no air in front


@pytest.mark.parametrize("value", [-1024, 40])
def test_empty_field_gives_the_whole(value):
    grid = _grid(spacing_mm=(6.0, 6.0, 6.0))
    lungs = find_lungs(np.full(grid.shape_kji, value, np.int16), grid)
    assert not lungs.found
    assert lung_box(lungs, grid) == ((0, 0, 0), grid.shape_kji)


def test_rounding_of_the_affine_does_not_move_the_box():
    grid = _grid(spacing_mm=(2.5, 2.5, 2.5))
    hu, _ = _hu(grid, Chest())
    jittered = Grid(grid.shape_kji, grid.affine_lps * (1 + 1e-7))
    assert lung_box(find_lungs(hu, grid), grid) == lung_box(find_lungs(hu, jittered), jittered)


def test_touching_lungs_are_told_apart():
    grid = _grid()
    hu, lps = _hu(grid, Chest())
    bridge = (np.abs(lps[..., 0]) < 40) & (np.abs(lps[..., 1] + 40) < 8) & (np.abs(lps[..., 2]) < 40)
    hu[bridge] = -850
    lungs = find_lungs(hu, grid)
    assert _labels_at(lungs, [RIGHT_LUNG[0], LEFT_LUNG[0], (-30, 0, 0), (30, 0, 0)]) == [1, 2, 1, 2]


def test_array_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="shape"):
        find_lungs(np.zeros((2, 2, 2), np.int16), _grid())


def test_dictionary_form_adds_lungs_and_box():
    grid = _grid()
    hu, _ = _hu(grid, Chest())
    data = {"image": to_metatensor(hu[None], grid)}
    result = LungRegiond("image", margin_mm=5.0)(data)
    assert result["lung_box"] == lung_box(find_lungs(hu, grid), grid, 5.0)
    assert result["lungs"].found
    assert set(data) == {"image"}
