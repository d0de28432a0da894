import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from resmtnet.pipelines.evaluation.nodule_cubes import NoduleCubes

RADIUS_MM, EDGE = 5.0, 64  # of the balls of lidc_folder
WINDOW_HU = (-1000.0, 200.0)


@pytest.fixture(scope="module")
def cubes(lidc_folder) -> NoduleCubes:
    return NoduleCubes(lidc_folder, windows_hu=[WINDOW_HU], edge=EDGE)


@pytest.fixture(scope="module")
def points(lidc_folder, tmp_path_factory) -> NoduleCubes:
    """The same nodules, of which only a point is known."""
    folder = tmp_path_factory.mktemp("points") / "lidc_nodules"
    shutil.copytree(lidc_folder, folder)
    said(folder, labels="rating")
    return NoduleCubes(folder, windows_hu=[WINDOW_HU], edge=EDGE)


def said(folder: Path, **columns: str) -> None:
    """Add columns to the table of nodules."""
    table = folder / "nodules.csv"
    with table.open(newline="") as file:
        rows = [{**row, **columns} for row in csv.DictReader(file)]
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def distance_mm(cubes: NoduleCubes, index: int) -> np.ndarray:
    """Distance of each voxel of a cube from the nodule's centre as the scene has it."""
    scene = cubes.scene(index)
    k, j, i = np.indices(scene.model.shape_kji).reshape(3, -1)
    places = scene.model.to_lps(np.stack([i, j, k], axis=1))
    return np.linalg.norm(places - scene.centre_lps_mm, axis=1).reshape(scene.model.shape_kji)


def test_the_image_shows_the_ball_where_the_truth_says(cubes):
    assert len(cubes) == 4
    for index in range(len(cubes)):
        image, distance = cubes[index]["image"][0].numpy(), distance_mm(cubes, index)
        assert image.shape == (EDGE, EDGE, EDGE)
        # 30 HU in the ball, -850 around it, noise of 5 HU; slices of 2 mm blur its surface
        assert image[distance < RADIUS_MM - 2].mean() == pytest.approx(1030 / 1200, abs=0.01)
        assert image[distance < RADIUS_MM - 2].min() > 0.8
        assert image[distance > RADIUS_MM + 2.1].max() < 0.2
        assert cubes[index]["index"] == index


def test_the_majority_is_a_ball_there_on_native_voxels(cubes):
    scene = cubes.scene(0)
    k, j, i = np.argwhere(scene.majority).T
    distance = np.linalg.norm(scene.source.to_lps(np.stack([i, j, k], axis=1)) - scene.centre_lps_mm, axis=1)
    assert distance.max() <= RADIUS_MM
    assert scene.source.spacing_mm == pytest.approx((0.8, 0.8, 2.0))
    assert len(k) * 0.8 * 0.8 * 2 == pytest.approx(4 / 3 * np.pi * RADIUS_MM**3, rel=0.05)
    np.testing.assert_allclose(scene.edges_mm, [10.4, 10.4, 10])


def test_the_slices_of_the_patch_stand_unchanged_among_made_ones(cubes):
    scene = cubes.scene(1)
    first, behind = scene.patch_k
    margin = [(n - 96) // 2 for n in scene.hu.shape[1:]]
    inner = scene.hu[first:behind, margin[0] : margin[0] + 96, margin[1] : margin[1] + 96]
    assert np.array_equal(inner, scene.record.hu)
    assert scene.majority[first:behind].any(axis=(1, 2)).all()
    assert not np.delete(scene.majority, range(first, behind), axis=0).any()
    assert np.delete(scene.hu, range(first, behind), axis=0).max() < -700  # nothing of the nodule goes on
    assert first * 2.0 >= EDGE / 2 + 10  # mm below the patch


def test_nodules_are_off_the_middle_and_stay_there(cubes, lidc_folder):
    middle = [(EDGE - 1) / 2] * 3
    off = np.array([s.centre_lps_mm - s.model.to_lps([middle])[0] for s in map(cubes.scene, range(4))])
    assert np.abs(off).max() <= 10
    assert np.ptp(off, axis=0).min() > 1
    again = NoduleCubes(lidc_folder, windows_hu=[WINDOW_HU], edge=EDGE)
    np.testing.assert_array_equal(again.scene(2).model.affine_lps, cubes.scene(2).model.affine_lps)
    other = NoduleCubes(lidc_folder, windows_hu=[WINDOW_HU], edge=EDGE, seed=1)
    assert not np.array_equal(other.scene(2).model.affine_lps, cubes.scene(2).model.affine_lps)


def test_a_point_gives_the_same_cube_without_a_majority(cubes, points):
    for index in range(4):
        scene = points.scene(index)
        assert scene.majority is None
        assert scene.edges_mm is None
        np.testing.assert_allclose(scene.centre_lps_mm, cubes.scene(index).centre_lps_mm, atol=1e-9)
        np.testing.assert_array_equal(points[index]["image"], cubes[index]["image"])


def test_a_box_without_outline_has_its_edges(lidc_folder, tmp_path):
    folder = tmp_path / "boxes"
    shutil.copytree(lidc_folder, folder)
    said(folder, labels="box", box_x_mm="8", box_y_mm="12", box_z_mm="10")
    scene = NoduleCubes(folder, windows_hu=[WINDOW_HU], edge=EDGE).scene(0)
    np.testing.assert_allclose(scene.edges_mm, [8, 12, 10])


def test_subsets_choose_nodules(lidc_folder):
    cubes = NoduleCubes(lidc_folder, windows_hu=[WINDOW_HU], subsets=[1])
    assert [r.patient_id for r in cubes.records] == ["P1", "P3"]
