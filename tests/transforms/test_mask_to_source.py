import numpy as np
import pytest

from resmtnet.transforms.candidate_masks import CandidateMask, candidate_masks
from resmtnet.transforms.candidates import Candidate
from resmtnet.transforms.grid import Grid
from resmtnet.transforms.mask_to_source import mask_to_source
from resmtnet.transforms.model_grid import model_grid

CENTRE_LPS = np.array([12.3, -18.4, 131.2])


def _ball_mask(source, radius_mm, voxel_centres):
    """Outline of a ball on the model grid, as the pipeline makes it."""
    model = model_grid(source, (0, 0, 0), source.shape_kji, 1.0, 16)
    distance = np.linalg.norm(voxel_centres(model) - CENTRE_LPS, axis=-1)
    probability = np.clip(0.5 + radius_mm - distance, 0, 1).astype(np.float32)
    centre = tuple(model.to_ijk(CENTRE_LPS)[0])
    (mask,) = candidate_masks(probability, [Candidate(0.9, (0, 0, 0), centre, (2 * radius_mm,) * 3)])
    return mask, model


def _in_whole(start, voxels, source):
    result = np.zeros(source.shape_kji, bool)
    k, j, i = start
    d, h, w = voxels.shape
    result[k : k + d, j : j + h, i : i + w] = voxels
    return result


@pytest.mark.parametrize("radius_mm", [8.0, 14.0])
def test_ball_keeps_volume_and_place(source, radius_mm, voxel_centres):
    start, voxels = mask_to_source(*_ball_mask(source, radius_mm, voxel_centres), source)
    found = _in_whole(start, voxels, source)
    tolerance = 0.08 if max(source.spacing_mm) >= 3 else 0.05
    volume_mm3 = found.sum() * source.voxel_volume_mm3
    assert volume_mm3 == pytest.approx(4 / 3 * np.pi * radius_mm**3, rel=tolerance)
    centroid = voxel_centres(source)[found].mean(axis=0)
    assert np.linalg.norm(centroid - CENTRE_LPS) < 0.3


def test_voxels_are_those_within_the_ball(source, voxel_centres):
    start, voxels = mask_to_source(*_ball_mask(source, 10.0, voxel_centres), source)
    distance = np.linalg.norm(voxel_centres(source) - CENTRE_LPS, axis=-1)
    found = _in_whole(start, voxels, source)
    assert np.all(found[distance < 9.8])
    assert not np.any(found[distance > 10.2])


def test_block_is_as_small_as_can_be(source, voxel_centres):
    _, voxels = mask_to_source(*_ball_mask(source, 6.0, voxel_centres), source)
    for axis in range(3):
        assert np.moveaxis(voxels, axis, 0)[[0, -1]].any(axis=(1, 2)).all()


def test_same_grid_gives_the_same_voxels():
    grid = Grid((20, 20, 20), np.eye(4))
    probability = np.zeros((5, 5, 5), np.float32)
    probability[1:4, 1:4, 1:4] = 0.5
    start, voxels = mask_to_source(CandidateMask((4, 5, 6), probability), grid, grid)
    assert start == (5, 6, 7)
    assert voxels.shape == (3, 3, 3)
    assert voxels.all()


def test_one_voxel_between_thick_slices_still_marks_one_voxel():
    model = Grid((32, 32, 32), np.eye(4))
    source = Grid((7, 32, 32), np.diag([1.0, 1.0, 5.0, 1.0]))
    probability = np.zeros((3, 3, 3), np.float32)
    probability[1, 1, 1] = 1
    start, voxels = mask_to_source(CandidateMask((11, 9, 7), probability), model, source)
    assert (start, voxels.shape) == ((2, 10, 8), (1, 1, 1))
    assert voxels.all()


def test_mask_beyond_the_scan_marks_the_nearest_voxel():
    grid = Grid((10, 10, 10), np.eye(4))
    probability = np.zeros((3, 3, 3), np.float32)
    probability[1, 1, 1] = 1
    start, voxels = mask_to_source(CandidateMask((20, 4, 4), probability), Grid((32, 32, 32), np.eye(4)), grid)
    assert (start, voxels.shape) == ((9, 5, 5), (1, 1, 1))
