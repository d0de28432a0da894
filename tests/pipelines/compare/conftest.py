"""A phantom chest at two dates: on other voxels, with other noise, turned and shifted, its nodules changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from resmtnet.pipelines.compare.read_result import MeasuredNodule, Result
from resmtnet.pipelines.ingest.digest_volume import digest_volume
from resmtnet.pipelines.phantom.chest import ChestPhantom, chest_phantom
from resmtnet.pipelines.phantom.nodule import PhantomNodule
from resmtnet.pipelines.records import SeriesPlan, Volume

SEED = 3
TURN_DEG, SHIFT_MM = (6.0, -4.0, 9.0), (18.0, -25.0, 31.0)
GREW = 1.3  # in diameter: 2.197 in volume
PLACES = ((-64.7, 44.0, 60.0), (58.7, 17.8, 98.6), (-39.5, -63.7, 27.9))  # in the lungs of this chest
NEW_PLACE = (79.9, -36.8, 40.0)


def true_motion() -> np.ndarray:
    motion = np.eye(4)
    motion[:3, :3] = Rotation.from_euler("xyz", TURN_DEG, degrees=True).as_matrix()
    motion[:3, 3] = SHIFT_MM
    return motion


@pytest.fixture(scope="session")
def known_motion() -> np.ndarray:
    return true_motion()


def ball(place: Sequence[float], diameter_mm: float) -> PhantomNodule:
    return PhantomNodule(tuple(map(float, place)), diameter_mm)


NODULES_BEFORE = (ball(PLACES[0], 14.0), ball(PLACES[1], 12.0), ball(PLACES[2], 10.0))
NODULES_AFTER = (ball(PLACES[1], 12.0), ball(PLACES[0], 14.0 * GREW), ball(NEW_PLACE, 11.0))
"""The second is the first of before, grown; the third of before is gone; the last is new."""


@pytest.fixture(scope="session")
def chests() -> tuple[ChestPhantom, ChestPhantom]:
    """Without noise, both in the place of the first."""
    return (
        chest_phantom(seed=SEED, nodules=NODULES_BEFORE, spacing_mm=(4.0, 4.0, 4.0), noise_hu=0),
        chest_phantom(seed=SEED, nodules=NODULES_AFTER, spacing_mm=(3.5, 3.5, 5.0), noise_hu=0),
    )


def as_volume(hu: np.ndarray, affine_lps: np.ndarray, *, noise_seed: int) -> Volume:
    noise = np.random.default_rng(noise_seed).normal(0, 20, hu.shape)
    noisy = np.clip(np.rint(hu + noise), -1024, 3071).astype(np.int16)
    k, j, i = hu.shape
    spacing = tuple(np.linalg.norm(affine_lps[:3, :3], axis=0))
    plan = SeriesPlan(f"case-{noise_seed}", "nifti", Path("none"), (i, j, k), spacing, affine_lps, 1, 1)
    return Volume(noisy, affine_lps, plan, digest=digest_volume(noisy, affine_lps))


@pytest.fixture(scope="session")
def before(chests) -> Volume:
    return as_volume(chests[0].hu, chests[0].affine_lps, noise_seed=1)


@pytest.fixture(scope="session")
def after(chests) -> Volume:
    """Turned by its affine: exact, and no voxel of it is one of the first scan."""
    return as_volume(chests[1].hu, true_motion() @ chests[1].affine_lps, noise_seed=2)


def measured(number: int, nodule: PhantomNodule, motion: np.ndarray | None = None) -> MeasuredNodule:
    """The true measures of a ball, as a finding."""
    centre = np.array(nodule.centre_lps_mm)
    centre = centre if motion is None else motion[:3, :3] @ centre + motion[:3, 3]
    d = nodule.diameter_mm
    return MeasuredNodule(number, 0.9, tuple(map(float, centre)), d, d, d, d, np.pi / 6 * d**3, 0.3)


def result_of(volume: Volume, nodules: Sequence[MeasuredNodule], **change: object) -> Result:
    result = Result(volume.plan.case_id, volume.digest, "lung_nodule_ct", ("c1", "w1"), tuple(nodules))
    return dataclasses.replace(result, **change)


@pytest.fixture
def result_before(before) -> Result:
    return result_of(before, [measured(n, nodule) for n, nodule in enumerate(NODULES_BEFORE, start=1)])


@pytest.fixture
def result_after(after) -> Result:
    motion = true_motion()
    return result_of(after, [measured(n, nodule, motion) for n, nodule in enumerate(NODULES_AFTER, start=1)])
