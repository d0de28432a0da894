from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from resmtnet.pipelines.inference.decode_findings import DecodeFindingsd
from resmtnet.pipelines.records import SeriesPlan, Volume
from resmtnet.transforms.boxes import encode_boxes
from resmtnet.transforms.grid import Grid
from resmtnet.transforms.lungs import Lungs

RADIUS_MM = 6.0
CENTRE_IJK = (30.0, 22.0, 17.0)  # of the model grid
MODEL = Grid((48, 48, 64), np.array([[1.0, 0, 0, -20], [0, 1.0, 0, -10], [0, 0, 1.0, 5], [0, 0, 0, 1]]))
CENTRE_LPS = (10.0, 12.0, 22.0)
# of a ball of radius 6 mm: voxels of 1 to 2 mm cannot say its volume better
VOLUME_TOLERANCE = 0.06

STRAIGHT = np.diag([0.8, 0.8, 1.5, 1.0])
STRAIGHT[:3, 3] = (-20.0, -10.0, 5.0)
FLIPPED = np.array([[0, -0.8, 0, 44], [0.8, 0, 0, -10], [0, 0, -2.0, 53], [0, 0, 0, 1]])
SHEARED = np.array([[0.8, 0, 0, -20], [0, 0.8, 0.4, -16], [0, 0, 1.5, 5], [0, 0, 0, 1]])


def ball(grid: Grid, inside: float, outside: float) -> np.ndarray:
    k, j, i = np.indices(grid.shape_kji).reshape(3, -1)
    distance = np.linalg.norm(grid.to_lps(np.stack([i, j, k], axis=1)) - CENTRE_LPS, axis=1).reshape(grid.shape_kji)
    return outside + (inside - outside) / (1 + np.exp((distance - RADIUS_MM) / 0.3))


def case_on(source: Grid) -> dict[str, object]:
    heat = torch.full((12, 12, 16), 0.01)
    cell = tuple(int(v // 4) for v in CENTRE_IJK[::-1])
    heat[cell] = 0.9
    boxes = torch.zeros(6, 12, 12, 16)
    boxes[(slice(None), *cell)] = torch.tensor(encode_boxes([CENTRE_IJK], [(12, 12, 12)], [cell])[0]).float()
    lungs = Lungs(np.full((20, 20, 22), 2, np.uint8), MODEL_COARSE, ((0, 0, 0), (20, 20, 22)), True)
    hu = np.rint(ball(source, 40.0, -800.0)).astype(np.int16)
    shape_ijk = source.shape_kji[::-1]
    plan = SeriesPlan("case", "nifti", None, shape_ijk, source.spacing_mm, source.affine_lps, 1, 1)
    return {
        "heat": heat,
        "box": boxes,
        "mask": torch.tensor(ball(MODEL, 1.0, 0.0)),
        "rating": torch.zeros(12, 12, 12, 16),
        "volume": Volume(hu, source.affine_lps, plan),
        "source_grid": source,
        "model_grid": MODEL,
        "lungs": lungs,
    }


MODEL_COARSE = Grid((20, 20, 22), np.array([[3.0, 0, 0, -20], [0, 3.0, 0, -10], [0, 0, 3.0, 5], [0, 0, 0, 1]]))


@pytest.mark.parametrize("affine", [STRAIGHT, FLIPPED, SHEARED], ids=["straight", "flipped", "sheared"])
def test_a_ball_is_measured_in_the_patient(affine):
    source = Grid((32, 80, 80), affine)
    (finding,) = DecodeFindingsd()(case_on(source))["findings"]
    assert finding.finding_id == 1
    assert finding.probability == pytest.approx(0.9)
    np.testing.assert_allclose(finding.centre_lps_mm, CENTRE_LPS, atol=1e-5)
    np.testing.assert_allclose(source.to_lps([finding.centre_ijk])[0], CENTRE_LPS, atol=1e-5)
    np.testing.assert_allclose(finding.box_lps_mm, [np.subtract(CENTRE_LPS, 6), np.add(CENTRE_LPS, 6)], atol=1e-4)
    assert finding.volume_mm3 == pytest.approx(4 / 3 * math.pi * RADIUS_MM**3, rel=VOLUME_TOLERANCE)
    assert finding.diameter_3d_mm == pytest.approx(2 * RADIUS_MM, rel=VOLUME_TOLERANCE)
    assert finding.long_axis_mm == pytest.approx(2 * RADIUS_MM, abs=0.3)
    assert finding.short_axis_mm == pytest.approx(2 * RADIUS_MM, abs=0.3)
    assert finding.lung_side == "left"
    key = source.to_ijk([CENTRE_LPS])[0, 2]
    assert abs(finding.key_slice_k - key) <= 1


def test_mean_hu_is_that_of_the_masked_voxels():
    source = Grid((32, 80, 80), STRAIGHT)
    case = case_on(source)
    (finding,) = DecodeFindingsd()(case)["findings"]
    (k, j, i), voxels = finding.mask.start_kji, finding.mask.voxels
    block = case["volume"].hu[k : k + voxels.shape[0], j : j + voxels.shape[1], i : i + voxels.shape[2]]
    assert finding.mean_hu == pytest.approx(block[voxels].astype(float).mean())
    assert 0 > finding.mean_hu > -150  # a solid ball with a soft edge, in lung of -800 HU


def test_the_limits_hold_and_the_maps_are_dropped():
    case = case_on(Grid((32, 80, 80), STRAIGHT))
    assert DecodeFindingsd(min_probability=0.95)(case)["findings"] == ()
    case["heat"][2, 2, 2] = 0.5
    both = DecodeFindingsd(min_diameter_mm=0)(case)
    assert [f.probability for f in both["findings"]] == pytest.approx([0.9, 0.5])
    assert len(DecodeFindingsd(max_findings=1)(case)["findings"]) == 1
    assert not {"heat", "box", "mask", "rating"} & set(both)


@pytest.mark.parametrize("arguments", [{"min_probability": 1.5}, {"max_findings": 0}])
def test_senseless_limits_are_refused(arguments):
    with pytest.raises(ValueError, match="found"):
        DecodeFindingsd(**arguments)


def test_a_candidate_without_an_outline_of_its_own_is_not_told():
    case = case_on(Grid((32, 80, 80), STRAIGHT))
    case["mask"] = case["mask"] * 0
    case["mask"][16:18, 22, 30] = 0.4
    assert DecodeFindingsd()(dict(case))["findings"] == ()
    (tiny,) = DecodeFindingsd(min_diameter_mm=0.5)(dict(case))["findings"]
    assert tiny.long_axis_mm < 2.5


@pytest.mark.parametrize(("found", "told"), [(True, 0), (False, 1)])
def test_a_candidate_far_from_lung_is_not_told_where_lungs_were_found(found, told):
    case = case_on(Grid((32, 80, 80), STRAIGHT))
    labels = np.zeros((20, 20, 22), np.uint8)
    labels[:, :, 18:] = 2  # x >= 34, 24 mm from the centre of a ball of 6 mm radius
    case["lungs"] = Lungs(labels, MODEL_COARSE, ((0, 0, 0), (20, 20, 22)), found)
    assert len(DecodeFindingsd()(dict(case))["findings"]) == told
    assert len(DecodeFindingsd(max_lung_distance_mm=20)(dict(case))["findings"]) == 1
