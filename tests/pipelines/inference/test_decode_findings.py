from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from resmtnet.networks import HeadMaps, pack
from resmtnet.pipelines.calibration import Calibration
from resmtnet.pipelines.inference.close_look import CloseLook
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


WINDOW_HU = (-1000.0, 200.0)
EDGE_HU = -380.0  # half way between the ball and the lung


def look(images: torch.Tensor) -> torch.Tensor:
    """A network that outlines what is dense, and gives it the reader score 4."""
    hu = images * (WINDOW_HU[1] - WINDOW_HU[0]) + WINDOW_HU[0]
    b, _, d, h, w = images.shape
    rating = torch.zeros(b, 12, d // 4, h // 4, w // 4)
    rating[:, 3] = 10.0
    nothing = torch.zeros(b, 7, d // 4, h // 4, w // 4)
    return pack(HeadMaps(nothing[:, :1], nothing[:, :6], (hu - EDGE_HU) / 40, rating))


def decode(**options) -> DecodeFindingsd:
    return DecodeFindingsd(close_look=CloseLook(windows_hu=[WINDOW_HU]), **options)


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
        "look": look,
    }


MODEL_COARSE = Grid((20, 20, 22), np.array([[3.0, 0, 0, -20], [0, 3.0, 0, -10], [0, 0, 3.0, 5], [0, 0, 0, 1]]))


def test_the_key_slice_of_a_sagittal_scan_goes_through_the_nodule():
    x, y, z = CENTRE_LPS
    affine = np.array([[0, 0, 1.5, x - 30], [0.8, 0, 0, y - 32], [0, -0.8, 0, z + 32], [0, 0, 0, 1.0]])
    (finding,) = decode()(case_on(Grid((64, 80, 80), affine)))["findings"]
    assert abs(finding.key_slice_k - 20) <= 1  # 30 mm from the first slice


@pytest.mark.parametrize("affine", [STRAIGHT, FLIPPED, SHEARED], ids=["straight", "flipped", "sheared"])
def test_a_ball_is_measured_in_the_patient(affine):
    source = Grid((32, 80, 80), affine)
    (finding,) = decode()(case_on(source))["findings"]
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
    for ends, length in (
        (finding.long_axis_lps_mm, finding.long_axis_mm),
        (finding.short_axis_lps_mm, finding.short_axis_mm),
    ):
        np.testing.assert_allclose(np.linalg.norm(np.subtract(ends, CENTRE_LPS), axis=1), RADIUS_MM, atol=0.4)
        assert math.dist(*ends) == pytest.approx(length)


def test_mean_hu_is_that_of_the_masked_voxels():
    source = Grid((32, 80, 80), STRAIGHT)
    case = case_on(source)
    (finding,) = decode()(case)["findings"]
    (k, j, i), voxels = finding.mask.start_kji, finding.mask.voxels
    block = case["volume"].hu[k : k + voxels.shape[0], j : j + voxels.shape[1], i : i + voxels.shape[2]]
    assert finding.mean_hu == pytest.approx(block[voxels].astype(float).mean())
    assert 0 > finding.mean_hu > -150  # a solid ball with a soft edge, in lung of -800 HU


def test_the_limits_hold_and_the_maps_are_dropped():
    case = case_on(Grid((32, 80, 80), STRAIGHT))
    assert decode(min_probability=0.95)(case)["findings"] == ()
    case["heat"][2, 2, 2] = 0.5
    both = decode(min_diameter_mm=0)(case)
    assert [f.probability for f in both["findings"]] == pytest.approx([0.9, 0.5])
    assert len(decode(max_findings=1)(case)["findings"]) == 1
    assert not {"heat", "box", "mask", "rating"} & set(both)


def sure(images: torch.Tensor) -> torch.Tensor:
    """Presence of 0.8 where the voxel in the middle is dense, else of 0.1."""
    packed = look(images)
    for n, image in enumerate(images):
        dense = image[0, 23:25, 23:25, 23:25].mean() > (EDGE_HU - WINDOW_HU[0]) / (WINDOW_HU[1] - WINDOW_HU[0])
        packed[n, 0] = torch.logit(torch.tensor(0.8 if dense else 0.1))
    return packed


@pytest.mark.parametrize(
    ("min_probability", "expected"),
    [(0.1, [0.6, 0.35]), (0.35, [0.6, 0.35]), (0.36, [0.6]), (0.47, [0.6]), (0.48, [])],
)
def test_both_looks_decide_what_is_told_and_in_which_order(min_probability, expected):
    """The ball has 0.4 in the wide look and 0.8 in the close one; a place without anything 0.6 and 0.1.

    Above 0.4 / 0.85 = 0.471 the ball is not looked at.
    """
    case = {**case_on(Grid((32, 80, 80), STRAIGHT)), "look": sure}
    case["heat"][case["heat"] == 0.9] = 0.4
    case["heat"][2, 2, 2] = 0.6
    both = CloseLook(windows_hu=[WINDOW_HU], presence_share=0.5)
    decoded = DecodeFindingsd(close_look=both, min_probability=min_probability - 1e-6, min_diameter_mm=0)(case)
    assert [f.probability for f in decoded["findings"]] == pytest.approx(expected)
    assert [f.finding_id for f in decoded["findings"]] == list(range(1, len(expected) + 1))
    if expected:
        np.testing.assert_allclose(decoded["findings"][0].centre_lps_mm, CENTRE_LPS, atol=1e-5)


def test_what_is_far_below_the_limit_is_not_looked_at():
    asked = []
    case = {**case_on(Grid((32, 80, 80), STRAIGHT)), "look": lambda images: asked.append(len(images)) or sure(images)}
    case["heat"][case["heat"] == 0.9] = 0.42
    both = CloseLook(windows_hu=[WINDOW_HU], presence_share=0.9)
    assert DecodeFindingsd(close_look=both, min_probability=0.5)(case)["findings"] == ()
    assert asked == []


@pytest.mark.parametrize("arguments", [{"min_probability": 1.5}, {"max_findings": 0}])
def test_senseless_limits_are_refused(arguments):
    with pytest.raises(ValueError, match="found"):
        decode(**arguments)


def test_a_candidate_without_an_outline_of_its_own_is_not_told():
    case = case_on(Grid((32, 80, 80), STRAIGHT))
    case["mask"] = case["mask"] * 0
    case["mask"][16:18, 22, 30] = 0.4
    assert decode()(dict(case))["findings"] == ()
    assert len(decode(min_diameter_mm=0.5)(dict(case))["findings"]) == 1


@pytest.mark.parametrize(("found", "told"), [(True, 0), (False, 1)])
def test_a_candidate_far_from_lung_is_not_told_where_lungs_were_found(found, told):
    case = case_on(Grid((32, 80, 80), STRAIGHT))
    labels = np.zeros((20, 20, 22), np.uint8)
    labels[:, :, 18:] = 2  # x >= 34, 24 mm from the centre of a ball of 6 mm radius
    case["lungs"] = Lungs(labels, MODEL_COARSE, ((0, 0, 0), (20, 20, 22)), found)
    assert len(decode()(dict(case))["findings"]) == told
    assert len(decode(max_lung_distance_mm=20)(dict(case))["findings"]) == 1


def test_rating_and_outline_come_from_the_close_look():
    case = case_on(Grid((32, 80, 80), STRAIGHT))
    (finding,) = decode()(dict(case))["findings"]
    assert finding.malignancy_probability == pytest.approx(1.0, abs=1e-3)
    assert not finding.calibrated
    assert 0 < finding.outline_uncertainty < 1
    ((calibrated),) = decode(calibration=Calibration(shift=-3.0))(dict(case))["findings"]
    assert calibrated.calibrated
    assert calibrated.malignancy_probability < finding.malignancy_probability
