"""Answers made by formula, judged: a wide one of a ball where it is, or elsewhere, and a close one of what is dense."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from resmtnet.networks import HeadMaps, pack
from resmtnet.pipelines.calibration import Calibration
from resmtnet.pipelines.evaluation.judge_nodule import Judge, judge_nodule
from resmtnet.pipelines.evaluation.nodule_cubes import CubeScene, NoduleCubes
from resmtnet.pipelines.inference.close_look import CloseLook
from resmtnet.transforms.targets import Lesion, dense_targets

RADIUS_MM, EDGE = 5.0, 64
DIAMETER_TOLERANCE_MM = 0.8  # a voxel of the patch: 13 of them lie across the ball, 10.4 mm
BALL_MM3 = 4 / 3 * math.pi * RADIUS_MM**3
WINDOW_HU = (-1000.0, 200.0)
JUDGE = Judge(CloseLook(windows_hu=[WINDOW_HU]))


@pytest.fixture(scope="module")
def cubes(lidc_folder) -> NoduleCubes:
    return NoduleCubes(lidc_folder, windows_hu=[WINDOW_HU], edge=EDGE)


def around(scene: CubeScene, off_mm=(0, 0, 0)) -> np.ndarray:
    """Distance of each voxel of the cube from the nodule's centre, or from ``off_mm`` beside it."""
    k, j, i = np.indices(scene.model.shape_kji).reshape(3, -1)
    places = scene.model.to_lps(np.stack([i, j, k], axis=1)) - scene.centre_lps_mm - off_mm
    return np.linalg.norm(places, axis=1).reshape(scene.model.shape_kji)


def say(mask: np.ndarray, *, presence: float) -> torch.Tensor:
    """What a network would return that outlines ``mask`` and is sure, by ``presence``, that it is a nodule."""
    targets = dense_targets(mask.shape, [Lesion(mask)], n_attributes=7)
    heat = torch.logit(torch.from_numpy(targets.heat) * presence, eps=1e-4)
    outline = 20 * torch.from_numpy(targets.mask) - 10
    return pack(
        HeadMaps(heat[None], torch.from_numpy(targets.box)[None], outline[None], torch.zeros(1, 12, *heat.shape[1:]))
    )[0]


def closely(mask_logits: torch.Tensor) -> torch.Tensor:
    """Packed output with this outline (``(b, 1, d, h, w)``) and the score 5; texture 3 of 1 to 5."""
    b, _, d, h, w = mask_logits.shape
    rating = torch.zeros(b, 12, d // 4, h // 4, w // 4)
    rating[:, 4] = 5.0
    return pack(HeadMaps(rating[:, :1], rating[:, 5:11], mask_logits, rating))


def dense(images: torch.Tensor) -> torch.Tensor:
    return closely((images * (WINDOW_HU[1] - WINDOW_HU[0]) + WINDOW_HU[0] + 410) / 40)


def test_a_right_answer_scores_nearly_perfectly(cubes):
    for index in range(4):
        scene = cubes.scene(index)
        outcome = judge_nodule(say(around(scene) <= RADIUS_MM, presence=0.9), scene, dense, JUDGE)
        assert outcome.found
        assert outcome.probability == pytest.approx(0.9, abs=0.01)
        # on slices of 2 mm, the outline of a ball of 10 mm passes through voxels on a third of its surface
        assert outcome.dice > 0.95
        assert outcome.dice_in_cube > 0.95
        assert outcome.surface_distance_mm < 0.2
        assert outcome.volume_mm3 == pytest.approx(BALL_MM3, rel=0.05)
        assert outcome.predicted_volume_mm3 == pytest.approx(BALL_MM3, rel=0.1)
        assert outcome.diameter_mm == pytest.approx(2 * RADIUS_MM, abs=DIAMETER_TOLERANCE_MM)
        assert outcome.predicted_diameter_mm == pytest.approx(2 * RADIUS_MM, abs=DIAMETER_TOLERANCE_MM)
        assert outcome.predicted_attributes["texture"] == 3
        assert outcome.attributes["texture"] == 3
        assert outcome.slice_mm == 2
        assert outcome.scores == [5, 5, 5] if index in (1, 3) else [1, 1, 1]
        # P(5) + P(3) / 2 and P(4), of logits 0, 0, 0, 0, 5
        shares = np.exp([0, 0, 0, 0, 5]) / (4 + np.exp(5))
        assert outcome.malignancy_probability == pytest.approx(shares[4] + shares[3] + shares[2] / 2, abs=1e-5)
        assert 0 < outcome.mask_uncertainty < 1


def test_a_nodule_found_elsewhere_is_a_miss_and_is_judged_where_it_is(cubes):
    scene = cubes.scene(0)
    outcome = judge_nodule(say(around(scene, (0, 14, 0)) <= RADIUS_MM, presence=0.9), scene, dense, JUDGE)
    assert not outcome.found
    assert outcome.probability == 0
    assert outcome.dice > 0.95  # the close look, at the annotated place, sees it
    both = Judge(CloseLook(windows_hu=[WINDOW_HU], presence_share=0.5))
    assert judge_nodule(say(around(scene, (0, 14, 0)) <= RADIUS_MM, presence=0.9), scene, dense, both).probability == 0
    assert judge_nodule(say(around(scene) <= RADIUS_MM, presence=0.9), scene, dense, both).probability == pytest.approx(
        (0.9 + 0.5) / 2, abs=0.01
    )


@pytest.mark.parametrize(("off_mm", "found"), [(4.0, True), (8.5, False)])
def test_a_hit_lies_within_the_radius(cubes, off_mm, found):
    scene = cubes.scene(0)
    outcome = judge_nodule(say(around(scene, (off_mm, 0, 0)) <= RADIUS_MM, presence=0.9), scene, dense, JUDGE)
    assert outcome.found == found


def test_of_two_hits_the_more_probable_is_taken(cubes):
    scene = cubes.scene(0)
    right, beside = (around(scene, (off, 0, 0)) <= RADIUS_MM for off in (0, 20))
    both = torch.maximum(say(right, presence=0.4), say(beside, presence=0.9))
    assert judge_nodule(both, scene, dense, JUDGE).probability == pytest.approx(0.4, abs=0.01)


def in_the_middle(radius_mm: float, height_mm: float):
    """A look that outlines an upright cylinder in the middle of what it sees, whatever it sees."""

    def look(images: torch.Tensor) -> torch.Tensor:
        k, j, i = ((torch.arange(n) - (n - 1) / 2) * 0.6 for n in images.shape[2:])
        inside = (k[:, None, None].abs() <= height_mm / 2) & (j[:, None] ** 2 + i**2 <= radius_mm**2)
        return closely(torch.where(inside, 9.0, -9.0).expand(images.shape))

    return look


def test_the_outline_is_that_of_the_close_look(cubes):
    scene, slim = cubes.scene(0), in_the_middle(2.0, 6.0)
    wide = say(around(scene) <= RADIUS_MM, presence=0.9)
    within_mm3 = math.pi * 2**2 * 6
    dice = judge_nodule(wide, scene, slim, JUDGE).dice
    assert dice == pytest.approx(2 * within_mm3 / (within_mm3 + BALL_MM3), abs=0.05)


def test_made_slices_count_in_the_cube_only(cubes):
    """A cylinder of 6 mm radius holds the ball; it is 18 mm high, the patch 10 mm."""
    scene = cubes.scene(0)
    ball = around(scene) <= RADIUS_MM
    k_mm = scene.model.to_lps([(0, 0, k) for k in range(EDGE)])[:, 2] - scene.centre_lps_mm[2]
    tall = ball.any(axis=0)[None] & (np.abs(k_mm) <= 9)[:, None, None]
    outcome = judge_nodule(say(tall, presence=0.9), scene, in_the_middle(6.0, 18.0), JUDGE)
    in_patch, in_cube = math.pi * 36 * 10, math.pi * 36 * 18
    # 9 slices of 2 mm stand for 18 mm
    assert outcome.dice == pytest.approx(2 * BALL_MM3 / (in_patch + BALL_MM3), abs=0.03)
    assert outcome.dice_in_cube == pytest.approx(2 * BALL_MM3 / (in_cube + BALL_MM3), abs=0.03)
    assert outcome.predicted_volume_mm3 == pytest.approx(in_patch, rel=0.06)


def without_outline(scene: CubeScene, edges_mm) -> CubeScene:
    return dataclasses.replace(scene, majority=None, edges_mm=edges_mm)


@pytest.mark.parametrize(("edges_mm", "diameter_mm"), [(None, 10.0), (np.array([8.0, 9.0, 12.0]), 9.0)])
def test_without_an_outline_there_is_no_dice_but_a_rating(cubes, edges_mm, diameter_mm):
    scene = without_outline(cubes.scene(1), edges_mm)
    outcome = judge_nodule(say(around(scene) <= RADIUS_MM, presence=0.9), scene, dense, JUDGE)
    assert outcome.found
    assert outcome.dice is outcome.dice_in_cube is outcome.volume_mm3 is outcome.surface_distance_mm is None
    assert outcome.diameter_mm == diameter_mm  # as annotated: of the table, or the longer axial edge
    assert outcome.predicted_diameter_mm == pytest.approx(2 * RADIUS_MM, abs=DIAMETER_TOLERANCE_MM)
    assert outcome.malignancy_probability > 0.9


def test_a_missed_point_is_judged_at_its_place(cubes):
    scene = without_outline(cubes.scene(1), None)
    outcome = judge_nodule(say(around(scene, (0, 16, 0)) <= RADIUS_MM, presence=0.9), scene, dense, JUDGE)
    assert not outcome.found
    assert outcome.predicted_diameter_mm == pytest.approx(2 * RADIUS_MM, abs=DIAMETER_TOLERANCE_MM)


def test_calibration_is_applied_and_what_was_said_is_kept(cubes):
    scene = cubes.scene(0)
    calibration = Calibration(scale=0.5, shift=-1.0, log_diameter=2.0)
    judge = dataclasses.replace(JUDGE, calibration=calibration)
    outcome = judge_nodule(say(around(scene) <= RADIUS_MM, presence=0.9), scene, dense, judge)
    p = outcome.raw_malignancy_probability
    z = 0.5 * math.log(p / (1 - p)) - 1 + 2 * math.log(outcome.predicted_diameter_mm / 10)
    assert outcome.malignancy_probability == pytest.approx(1 / (1 + math.exp(-z)))
    plain = judge_nodule(say(around(scene) <= RADIUS_MM, presence=0.9), scene, dense, JUDGE)
    assert plain.malignancy_probability == plain.raw_malignancy_probability == p
