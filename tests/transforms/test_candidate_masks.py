import numpy as np
import pytest
import torch

from resmtnet.transforms.candidate_masks import candidate_masks
from resmtnet.transforms.candidates import Candidate
from resmtnet.transforms.grid import Grid

SHAPE = (40, 48, 56)


def _ball(centre_ijk, radius, shape=SHAPE):
    """Probability that falls from 1 to 0 over one voxel across the surface."""
    k, j, i = np.meshgrid(*[np.arange(n) for n in shape], indexing="ij")
    x, y, z = centre_ijk
    return np.clip(0.5 + radius - np.sqrt((i - x) ** 2 + (j - y) ** 2 + (k - z) ** 2), 0, 1).astype(np.float32)


def _candidate(centre_ijk, size, probability=0.9):
    return Candidate(probability, (0, 0, 0), tuple(map(float, centre_ijk)), (float(size),) * 3)


def _whole(mask, shape=SHAPE):
    """Put a mask's block back into the volume."""
    result = np.zeros(np.array(shape) + 2, np.float32)
    k, j, i = np.array(mask.start_kji) + 1
    d, h, w = mask.probability.shape
    result[k : k + d, j : j + h, i : i + w] = mask.probability
    return result[1:-1, 1:-1, 1:-1]


def test_block_holds_the_ball_and_its_edge():
    ball = _ball((30, 20, 15), 6.3)
    (mask,) = candidate_masks(ball, [_candidate((30, 20, 15), 13)])
    np.testing.assert_array_equal(_whole(mask), ball)
    assert mask.threshold == 0.5
    for axis in range(3):
        faces = np.moveaxis(mask.probability, axis, 0)[[0, -1]]
        assert not faces.any()


def test_block_stands_where_the_model_grid_says():
    model = Grid(SHAPE, np.array([[1.0, 0, 0, -7], [0, 1, 0, 5], [0, 0, 1, 90], [0, 0, 0, 1]]))
    (mask,) = candidate_masks(_ball((30, 20, 15), 4), [_candidate((30, 20, 15), 9)])
    weights = mask.probability.astype(float)
    kji = [(weights * axis).sum() / weights.sum() for axis in np.indices(weights.shape)]
    np.testing.assert_allclose(mask.grid(model).to_lps(kji[::-1])[0], [23, 25, 105], atol=1e-6)


def test_neighbour_without_candidate_is_left_out():
    near, other = _ball((20, 20, 20), 4), _ball((30, 20, 20), 4)
    (mask,) = candidate_masks(torch.from_numpy(near + other), [_candidate((21, 20, 20), 14)])
    np.testing.assert_array_equal(_whole(mask), near)


def test_part_nearest_to_a_centre_outside_is_taken():
    (mask,) = candidate_masks(_ball((24, 20, 20), 3) + _ball((12, 20, 20), 2), [_candidate((19, 20, 20), 12)])
    np.testing.assert_array_equal(_whole(mask) > 0.5, _ball((24, 20, 20), 3) > 0.5)


def test_touching_nodules_are_divided_between_their_candidates():
    both = np.maximum(_ball((20, 20, 20), 5), _ball((29, 20, 20), 5))
    masks = [
        _whole(m) >= 0.5 for m in candidate_masks(both, [_candidate((20, 20, 20), 10), _candidate((29, 20, 20), 10)])
    ]
    assert not np.any(masks[0] & masks[1])
    np.testing.assert_array_equal(masks[0] | masks[1], both >= 0.5)
    assert masks[0][20, 20, 24]
    assert masks[1][20, 20, 25]


def test_large_nodule_keeps_its_voxels_beside_a_small_candidate():
    both = np.maximum(_ball((24, 24, 20), 10), _ball((38, 24, 20), 3))
    large, small = candidate_masks(both, [_candidate((24, 24, 20), 20), _candidate((38, 24, 20), 6)])
    assert (_whole(large) >= 0.5).sum() == pytest.approx((_ball((24, 24, 20), 10) >= 0.5).sum(), rel=0.02)
    assert (_whole(small) >= 0.5).sum() == pytest.approx((_ball((38, 24, 20), 3) >= 0.5).sum(), rel=0.1)


def test_weak_mask_is_outlined_at_half_its_maximum():
    weak = 0.3 * _ball((30, 20, 15), 5)
    (mask,) = candidate_masks(weak, [_candidate((30, 20, 15), 10)])
    assert mask.threshold == pytest.approx(0.15)
    np.testing.assert_array_equal(_whole(mask) >= 0.5, weak >= 0.15)
    assert mask.probability.max() == pytest.approx(1)


@pytest.mark.parametrize("centre", [(30, 20, 15), (0, 0, 0), (55, 47, 39), (10.6, 5.4, 7)])
def test_no_mask_at_all_gives_the_centre_voxel(centre):
    (mask,) = candidate_masks(np.zeros(SHAPE, np.float32), [_candidate(centre, 4)])
    found = np.argwhere(_whole(mask) >= 0.5)
    np.testing.assert_array_equal(found, [np.floor(np.array(centre[::-1]) + 0.5)])


def test_two_candidates_at_one_place_both_get_a_voxel():
    ball = _ball((20, 20, 20), 4)
    masks = candidate_masks(ball, [_candidate((20, 20, 20), 8), _candidate((20, 20, 20), 8)])
    assert all((m.probability >= 0.5).any() for m in masks)


def test_nodule_at_the_border_of_the_grid_has_its_rim():
    ball = _ball((0, 20, 39), 4)
    (mask,) = candidate_masks(ball, [_candidate((0, 20, 39), 8)])
    assert mask.start_kji[2] == -1
    np.testing.assert_array_equal(_whole(mask), ball)


def test_input_is_not_changed_and_half_precision_is_read():
    ball = torch.from_numpy(0.3 * _ball((20, 20, 20), 4)).half()
    before = ball.clone()
    (mask,) = candidate_masks(ball, [_candidate((20, 20, 20), 8)])
    assert torch.equal(ball, before)
    assert mask.probability.dtype == np.float32


def test_no_candidates_no_masks():
    assert candidate_masks(np.zeros(SHAPE), []) == ()
