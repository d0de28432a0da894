import math

import numpy as np
import pytest
import SimpleITK as sitk

from resmtnet.pipelines.evaluation.mask_agreement import mask_agreement


def ball(radius_mm: float, centre_mm=(20.0, 20.0, 20.0), spacing_kji_mm=(1.0, 1.0, 1.0), extent_mm=40.0) -> np.ndarray:
    axes = [np.arange(0, extent_mm + s / 2, s) for s in spacing_kji_mm]
    grid = np.meshgrid(*axes, indexing="ij")
    return sum((g - c) ** 2 for g, c in zip(grid, centre_mm, strict=True)) <= radius_mm**2


def cube(start: tuple[int, int, int], edges: tuple[int, int, int] = (8, 8, 8)) -> np.ndarray:
    mask = np.zeros((30, 30, 30), bool)
    mask[tuple(slice(s, s + e) for s, e in zip(start, edges, strict=True))] = True
    return mask


def test_equal_masks_agree_wholly():
    found = mask_agreement(ball(8), ball(8), (1, 1, 1))
    assert (found.dice, found.surface_distance_mm, found.hausdorff95_mm) == (1, 0, 0)
    assert found.volume_mm3 == found.predicted_volume_mm3


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (2.0, 0.5, 0.5)])
def test_concentric_balls_are_as_far_apart_as_their_radii(spacing):
    found = mask_agreement(ball(14, spacing_kji_mm=spacing), ball(11, spacing_kji_mm=spacing), spacing)
    half_voxel = max(spacing) / 2
    assert found.surface_distance_mm == pytest.approx(3, abs=half_voxel)
    assert found.hausdorff95_mm == pytest.approx(3, abs=2 * half_voxel)
    assert found.volume_mm3 == pytest.approx(4 / 3 * math.pi * 11**3, rel=0.02)
    assert found.predicted_volume_mm3 == pytest.approx(4 / 3 * math.pi * 14**3, rel=0.02)
    assert found.dice == pytest.approx(2 * 11**3 / (11**3 + 14**3), abs=0.01)


def test_a_cube_moved_along_an_axis_by_hand():
    """8^3 cubes, 2 voxels of 1.5 mm apart along k: overlap 6 * 64, and the far face is 3 mm from the other cube."""
    found = mask_agreement(cube((10, 5, 5)), cube((12, 5, 5)), (1.5, 0.7, 0.7))
    assert found.dice == pytest.approx(2 * 6 * 64 / (2 * 512))
    assert found.hausdorff95_mm == pytest.approx(3.0)
    # of the 296 surface voxels of each: 64 of the far face 3 mm off, 28 of the layer next to it 1.5 mm off, the other
    # layers' shells coincide, and the 36 inner voxels of the near face reach the nearest side wall in their own layer
    side_mm = [min(1.5 * 2, 0.7 * (1 + min(j, i, 5 - j, 5 - i))) for j in range(6) for i in range(6)]
    assert found.surface_distance_mm == pytest.approx((64 * 3 + 28 * 1.5 + sum(side_mm)) / 296)


@pytest.mark.parametrize("seed", range(5))
def test_the_same_as_simpleitk(seed):
    rng = np.random.default_rng(seed)
    spacing = tuple(rng.uniform(0.5, 2.5, 3))
    a, b = (ball(r, rng.uniform(14, 24, 3), spacing) for r in rng.uniform(4, 9, 2))
    if not (a & b).any():
        a |= b
    found = mask_agreement(a, b, spacing)
    image_a, image_b = (sitk.GetImageFromArray(m.astype(np.uint8)) for m in (a, b))
    for image in (image_a, image_b):
        image.SetSpacing(spacing[::-1])
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(image_a, image_b)
    assert found.dice == pytest.approx(overlap.GetDiceCoefficient())
    to_b, to_a = surface_distances(image_a, image_b), surface_distances(image_b, image_a)
    assert found.surface_distance_mm == pytest.approx(np.concatenate([to_b, to_a]).mean(), rel=1e-4)
    assert found.hausdorff95_mm == pytest.approx(max(np.percentile(to_b, 95), np.percentile(to_a, 95)), rel=1e-4)


def surface_distances(of: sitk.Image, to: sitk.Image) -> np.ndarray:
    contour = sitk.LabelContour(to, fullyConnected=False)
    distance = sitk.SignedMaurerDistanceMap(contour, squaredDistance=False, useImageSpacing=True)
    values = np.abs(sitk.GetArrayFromImage(distance))
    return values[sitk.GetArrayFromImage(sitk.LabelContour(of, fullyConnected=False)) > 0]


def test_a_mask_that_touches_the_edge_has_its_surface_there():
    whole = np.ones((6, 6, 6), bool)
    inner = np.zeros((6, 6, 6), bool)
    inner[1:-1, 1:-1, 1:-1] = True
    assert mask_agreement(inner, whole, (1, 1, 1)).hausdorff95_mm > 0


def test_empty_masks():
    nothing, some = np.zeros((30, 30, 30), bool), cube((5, 5, 5))
    one = mask_agreement(nothing, some, (1, 1, 1))
    assert one.dice == 0
    assert math.isnan(one.surface_distance_mm)
    assert math.isnan(one.hausdorff95_mm)
    assert (one.volume_mm3, one.predicted_volume_mm3) == (512, 0)
    assert math.isnan(mask_agreement(nothing, nothing, (1, 1, 1)).dice)


@pytest.mark.parametrize(
    ("predicted", "truth", "spacing"),
    [(cube((5, 5, 5)), np.ones((2, 2, 2), bool), (1, 1, 1)), (cube((5, 5, 5)), cube((5, 5, 5)), (1, 0, 1))],
)
def test_what_cannot_be_compared_is_refused(predicted, truth, spacing):
    with pytest.raises(ValueError, match="expected"):
        mask_agreement(predicted, truth, spacing)
