"""Drawn patches show what their labels say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from resmtnet.pipelines.training.background import Background
from resmtnet.pipelines.training.fusion.axial_mm import axial_mm
from resmtnet.pipelines.training.fusion.fusion_data import fusion_data, other_nodules
from resmtnet.pipelines.training.fusion.fusion_patches import FusionPatches
from resmtnet.pipelines.training.fusion.lung_places import CLEAR_MM, chest_places, patch_places
from resmtnet.pipelines.training.fusion.place_mm import place_mm
from resmtnet.pipelines.training.fusion.surroundings import surroundings
from resmtnet.pipelines.training.lidc_nodules import read_lidc_nodules
from resmtnet.transforms.planes_view import PlanesView

RADIUS_MM = 5.0
PIXEL_MM = 0.6
VIEW = PlanesView((-1000, 400))


@pytest.fixture(scope="module")
def records(lidc_folder: Path):
    return list(read_lidc_nodules(lidc_folder, None))


@pytest.fixture(scope="module")
def chest() -> Background:
    lung = np.zeros((96, 96, 96), bool)
    lung[20:-20, 20:-20, 20:-20] = True
    tumour = np.zeros_like(lung)
    tumour[40:50, 40:50, 40:50] = True
    hu = np.where(lung, -850, 40).astype(np.int16)
    return Background(hu, lung, tumour, None, 1.0)


def patches(records, chests=(), **options) -> FusionPatches:
    weights = np.full(len(records), 1 / len(records))
    shares = np.full(len(chests), 1 / max(1, len(chests)))
    return FusionPatches(records, weights, other_nodules(records), [], chests, shares, VIEW, **options)


def middle_mm(plane: np.ndarray) -> np.ndarray:
    """Centre of the bright ball in a plane (row, column), mm from the plane's middle."""
    rows, columns = np.nonzero(plane > -400)
    return (np.array([rows.mean(), columns.mean()]) - (plane.shape[0] - 1) / 2) * PIXEL_MM


def test_the_nodule_lies_where_the_label_says_and_is_as_large(records):
    drawn = patches(records, negative_share=0.0)
    sizes = []
    for n in range(8):
        seen = drawn.draw(np.random.default_rng(n))
        k, j, i = seen.nodule.location_mm
        assert max(abs(k), abs(j), abs(i)) <= 3.0
        assert middle_mm(seen.planes[1]) == pytest.approx([j, i], abs=0.5)
        assert middle_mm(seen.planes[4]) == pytest.approx([k, i], abs=1.0)  # a nodule may lose slices at one end
        assert middle_mm(seen.planes[7]) == pytest.approx([k, j], abs=1.0)
        widest_mm2 = max(np.count_nonzero(plane > -400) for plane in seen.planes[:3]) * PIXEL_MM**2
        sizes.append(np.sqrt(4 / np.pi * widest_mm2) / seen.nodule.diameter_mm)
    assert np.median(sizes) == pytest.approx(0.9, abs=0.12)  # none of the planes need pass through the middle


def test_the_size_follows_the_scale_of_the_patch(records):
    drawn, sizes = patches(records, negative_share=0.0), set()
    for n in range(4):
        sizes.add(drawn.draw(np.random.default_rng(n)).nodule.diameter_mm)
    assert len(sizes) == 4
    assert all(abs(size / axial_mm(records[0]) - 1) < 0.3 for size in sizes)  # 5 standard deviations


def test_the_diameter_is_that_of_the_ball(records):
    assert axial_mm(records[0]) == pytest.approx(2 * RADIUS_MM, abs=0.8)  # a voxel is 0.8 mm


def test_slices_beyond_the_patch_are_made_without_the_nodule(records):
    hu, grid = surroundings(records[0])
    assert hu.shape[0] == records[0].hu.shape[0] + 2
    centre = grid.to_ijk(place_mm(records[0], records[0].place[0]))[0]
    j, i = round(centre[1]), round(centre[0])
    assert hu[hu.shape[0] // 2, j, i] > 0
    assert hu[0].max() < -700
    assert hu[-1].max() < -700


def test_places_in_a_patch_keep_away_from_its_nodule_and_from_others(records):
    record = records[0]
    other = np.array([2.0, 30.0, 30.0])
    for j, i in patch_places(record, [other])[::50]:
        rows, columns = np.nonzero((record.readers > 0).any(axis=0))
        assert np.hypot((rows - j) * 0.8, (columns - i) * 0.8).min() >= CLEAR_MM
        assert np.hypot((30 - j) * 0.8, (30 - i) * 0.8) >= CLEAR_MM
    assert len(patch_places(record)) > len(patch_places(record, [other])) > 0


def test_a_patch_whose_nodules_are_not_all_known_has_no_place(records):
    from dataclasses import replace

    assert len(patch_places(replace(records[0], row={**records[0].row, "complete": "0"}))) == 0


def test_places_in_a_chest_are_lung_away_from_its_tumour(chest):
    places = chest_places(chest, np.random.default_rng(0))
    voxels = np.argwhere(chest.tumour)
    assert chest.lung[tuple(places.T)].all()
    assert all(np.linalg.norm(voxels - p, axis=1).min() >= CLEAR_MM for p in places[::200])


def test_a_patch_without_a_nodule_shows_none(records, chest):
    drawn = patches(records, [chest], negative_share=1.0)
    for n in range(12):
        seen = drawn.draw(np.random.default_rng(n))
        assert seen.nodule is None
        middle = seen.planes[[1, 4, 7], 20:44, 20:44]  # 14 mm: the ball is 15 mm away, the tumour and the wall may be
        assert np.median(middle) < -700


def test_a_transplanted_nodule_lies_where_the_label_says(records, chest):
    drawn = patches(records, [Background(chest.hu, chest.lung, None, None, 1.0)], transplant_share=1.0)
    seen = next(s for s in (drawn.draw(np.random.default_rng(n)) for n in range(20)) if s.nodule)
    _, j, i = seen.nodule.location_mm
    assert seen.planes[1][round(31.5 + j / PIXEL_MM), round(31.5 + i / PIXEL_MM)] > -400
    assert seen.nodule.diameter_mm == pytest.approx(2 * RADIUS_MM, rel=0.3)


def test_the_same_number_gives_the_same_patch_and_another_seed_another(lidc_folder):
    def data(seed: int):
        return fusion_data(lidc_folder, None, subsets=None, phantom_seeds=[], length=10, view=VIEW, seed=seed)

    first, again, other = data(1), data(1), data(2)
    for n in (3, 0, 3):
        assert (first[n]["image"] == again[n]["image"]).all()
        assert (first[n]["label"] == again[n]["label"]).all()
    assert (first[3]["image"] != other[3]["image"]).any()
    assert 0 <= first[0]["image"].min() <= first[0]["image"].max() <= 1


def test_a_subset_without_nodules_is_refused(lidc_folder):
    with pytest.raises(ValueError, match="no nodule"):
        fusion_data(lidc_folder, None, subsets=[9], phantom_seeds=[], length=1, view=VIEW)
