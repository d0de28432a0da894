from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from resmtnet.pipelines.phantom.chest import ChestPhantom, chest_phantom
from resmtnet.pipelines.phantom.nodule import PhantomNodule

SPACING_MM = (1.2, 1.2, 2.0)
SEED = 3


@pytest.fixture(scope="module")
def with_nodules() -> ChestPhantom:
    return chest_phantom(seed=SEED, spacing_mm=SPACING_MM, noise_hu=0)


@pytest.fixture(scope="module")
def without_nodules() -> ChestPhantom:
    return chest_phantom(seed=SEED, spacing_mm=SPACING_MM, noise_hu=0, nodules=())


def lps_of_voxels(phantom: ChestPhantom, box: tuple[slice, slice, slice]) -> np.ndarray:
    k, j, i = np.mgrid[box]
    ijk1 = np.stack([i, j, k, np.ones_like(i)], axis=-1)
    return ijk1 @ phantom.affine_lps[:3].T


def box_around(phantom: ChestPhantom, nodule: PhantomNodule) -> tuple[slice, slice, slice]:
    middle = np.linalg.solve(phantom.affine_lps, [*nodule.centre_lps_mm, 1])[:3]
    reach = nodule.reach_mm() / np.array(SPACING_MM)
    low, high = np.floor(middle - reach).astype(int), np.ceil(middle + reach).astype(int) + 1
    return slice(low[2], high[2]), slice(low[1], high[1]), slice(low[0], high[0])


def test_default_set_is_what_the_demo_promises(with_nodules: ChestPhantom) -> None:
    diameters = [n.diameter_mm for n in with_nodules.nodules]
    assert len(diameters) == 5
    assert min(diameters) == 6
    assert max(diameters) == 20
    assert {n.lung_side for n in with_nodules.nodules} == {"left", "right"}
    assert all((n.centre_lps_mm[0] < 0) == (n.lung_side == "right") for n in with_nodules.nodules)


def test_volume_and_centre_of_every_nodule_are_true(with_nodules: ChestPhantom, without_nodules: ChestPhantom) -> None:
    for nodule in with_nodules.nodules:
        box = box_around(with_nodules, nodule)
        before, after = without_nodules.hu[box].astype(float), with_nodules.hu[box].astype(float)
        places = lps_of_voxels(with_nodules, box)
        from_centre = np.linalg.norm(places - nodule.centre_lps_mm, axis=-1)
        assert np.allclose(after[from_centre < 0.35 * nodule.diameter_mm], nodule.hu, atol=1)
        # vessels and chest wall are as bright as the nodule: there its share of a voxel is taken from the sphere
        bright = before > -400
        assert bright.mean() < 0.3
        share = np.where(bright, from_centre < nodule.diameter_mm / 2, (after - before) / (nodule.hu - before))
        volume = share.sum() * np.prod(SPACING_MM)
        assert volume == pytest.approx(np.pi / 6 * nodule.diameter_mm**3, rel=0.03)
        centre = (places * share[..., None]).sum((0, 1, 2)) / share.sum()
        assert centre == pytest.approx(np.array(nodule.centre_lps_mm), abs=0.2)


@pytest.mark.parametrize(
    "form",
    [
        {"axes": (1.0, 1.0, 1.0)},
        {"axes": (0.8, 1.0, 1.3)},
        {"axes": (1.1, 0.9, 1.0), "lobulation": 0.14, "lobes": 4},
    ],
)
def test_diameter_is_that_of_the_sphere_of_equal_volume(form: dict) -> None:
    centre = (0.4, -0.3, 0.2)
    nodule = PhantomNodule(centre, 14.0, hu=0.0, **form)
    where = {"seed": 1, "spacing_mm": (0.7, 0.7, 1.0), "extent_mm": (28.0, 28.0, 28.0), "noise_hu": 0}
    # a field of view in the middle of the chest; the nodule replaces soft tissue and fat alike
    marked = chest_phantom(nodules=[replace(nodule, hu=3000.0)], **where).hu.astype(float)
    plain = chest_phantom(nodules=(), **where).hu.astype(float)
    volume = ((marked - plain) / (3000 - plain)).sum() * 0.49
    assert volume == pytest.approx(np.pi / 6 * 14.0**3, rel=0.02)


def test_nothing_changes_away_from_the_nodules() -> None:
    where = {"seed": SEED, "spacing_mm": (2.0, 2.0, 2.5)}
    marked, plain = chest_phantom(**where), chest_phantom(nodules=(), **where)
    k, j, i = np.nonzero(marked.hu != plain.hu)
    places = np.stack([i, j, k, np.ones_like(i)], axis=-1) @ marked.affine_lps[:3].T
    near = [np.linalg.norm(places - n.centre_lps_mm, axis=1) <= n.reach_mm() for n in marked.nodules]
    assert len(places) > 100
    assert np.any(near, axis=0).all()
    assert plain.nodules == ()


def test_same_seed_same_voxels_and_another_seed_another_chest() -> None:
    where = {"spacing_mm": (3.0, 3.0, 5.0)}
    first, again, other = (chest_phantom(seed=s, **where) for s in (5, 5, 6))
    assert np.array_equal(first.hu, again.hu)
    assert first.nodules == again.nodules
    assert np.mean(np.abs(first.hu.astype(int) - other.hu)) > 20


def test_tissues_have_their_hounsfield_units(without_nodules: ChestPhantom) -> None:
    def at(x: float, y: float, z: float) -> float:
        i, j, k = np.rint(np.linalg.solve(without_nodules.affine_lps, [x, y, z, 1])[:3]).astype(int)
        return float(np.median(without_nodules.hu[k, j - 1 : j + 2, i - 1 : i + 2]))

    assert at(-175, -170, 0) == -1000  # outside
    assert at(0, 2, 105) == -990  # windpipe
    assert 20 <= at(25, -30, -30) <= 60  # heart
    assert 40 <= at(-60, 0, -140) <= 80  # liver
    lung = without_nodules.hu[(without_nodules.hu > -940) & (without_nodules.hu < -700)]
    assert -870 < np.median(lung) < -800
    litres = lung.size * np.prod(SPACING_MM) / 1e6
    assert 2 < litres < 7
    assert (without_nodules.hu > 400).sum() * np.prod(SPACING_MM) / 1e3 > 150  # cm3 of cortical bone


def test_noise_has_the_standard_deviation_asked_for() -> None:
    where = {"seed": 2, "spacing_mm": (1.5, 1.5, 3.0), "nodules": ()}
    noisy, clean = chest_phantom(noise_hu=30, **where), chest_phantom(noise_hu=0, **where)
    inside = clean.hu > -980  # air is cut off at -1024
    assert np.std((noisy.hu.astype(float) - clean.hu)[inside]) == pytest.approx(30, rel=0.03)


def test_grid_follows_spacing_and_extent() -> None:
    phantom = chest_phantom(seed=0, spacing_mm=(3.0, 2.0, 4.0), extent_mm=(90.0, 80.0, 120.0), nodules=())
    assert phantom.hu.shape == (30, 40, 30)
    assert phantom.hu.dtype == np.int16
    assert np.diag(phantom.affine_lps) == pytest.approx([3, 2, 4, 1])
    middle = phantom.affine_lps @ [14.5, 19.5, 14.5, 1]
    assert middle == pytest.approx([0, 0, 0, 1])


def test_spacing_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        chest_phantom(spacing_mm=(1.0, 0.0, 1.0))
