import numpy as np
import pytest

from resmtnet.transforms.boxes import decode_boxes
from resmtnet.transforms.targets import Lesion, box_of, dense_targets


def lesion(low: tuple[int, int, int], high: tuple[int, int, int], **ratings: np.ndarray) -> Lesion:
    mask = np.zeros((32, 32, 32), bool)
    mask[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = True
    return Lesion(mask, **ratings)


def test_box_of_a_block_by_hand():
    centre, edges = box_of(lesion((4, 6, 8), (8, 16, 10)).mask)
    assert centre.tolist() == [5.5, 10.5, 8.5]
    assert edges.tolist() == [4, 10, 2]


def test_boxes_decode_to_the_block_they_were_made_of():
    targets = dense_targets((32, 32, 32), [lesion((4, 6, 8), (8, 16, 10))], n_attributes=7)
    cells = np.argwhere(targets.box_weight[0] > 0)
    centres, sizes = decode_boxes(targets.box[:, cells[:, 0], cells[:, 1], cells[:, 2]].T, cells)
    assert len(cells) > 1
    np.testing.assert_allclose(centres, np.broadcast_to([8.5, 10.5, 5.5], centres.shape), atol=1e-4)
    np.testing.assert_allclose(sizes, np.broadcast_to([2, 10, 4], sizes.shape), rtol=1e-4)


def test_heat_is_one_in_the_centre_cell_and_falls_around_it():
    heat = dense_targets((32, 32, 32), [lesion((4, 6, 8), (8, 16, 10))], n_attributes=7).heat[0]
    assert np.argwhere(heat == 1.0).tolist() == [[1, 2, 2]]
    assert 0 < heat[1, 2, 3] < 1
    assert heat[7, 7, 7] < 1e-3


def test_ratings_stand_only_where_they_are_known():
    scores = np.array([0, 0, 0, 0.5, 0.5], np.float32)
    targets = dense_targets((32, 32, 32), [lesion((4, 6, 8), (8, 16, 10), scores=scores)], n_attributes=7)
    assert targets.rating[:5, 1, 2, 2].tolist() == scores.tolist()
    assert targets.rating_weight[0].sum() > 0
    assert targets.rating_weight[1].sum() == 0


@pytest.mark.parametrize("lesions", [[], [Lesion(np.zeros((32, 32, 32), bool))]])
def test_a_patch_without_a_nodule_has_empty_maps(lesions):
    targets = dense_targets((32, 32, 32), lesions, n_attributes=7)
    assert targets.heat.max() == targets.mask.max() == targets.box_weight.max() == 0


def point(centre: tuple[float, float, float] | None, edges: tuple[float, float, float] | None = None, **more) -> Lesion:
    return Lesion(None, centre_kji=centre, edges=edges, **more)


def test_of_a_box_without_outline_the_box_is_learnt_and_no_outline_around_it():
    targets = dense_targets((64, 64, 64), [point((21.5, 30.0, 33.5), (4.0, 8.0, 12.0))], n_attributes=7)
    cells = np.argwhere(targets.box_weight[0] > 0)
    centres, sizes = decode_boxes(targets.box[:, cells[:, 0], cells[:, 1], cells[:, 2]].T, cells)
    np.testing.assert_allclose(centres, np.broadcast_to([33.5, 30.0, 21.5], centres.shape), atol=1e-4)
    np.testing.assert_allclose(sizes, np.broadcast_to([12, 8, 4], sizes.shape), rtol=1e-4)
    assert np.argwhere(targets.heat[0] == 1).tolist() == [[5, 7, 8]]
    # edges of 8 voxels on average: within 8 voxels and 1.6 cells of the centre nothing is said about outlines
    distance = np.linalg.norm(np.argwhere(np.ones((16, 16, 16))) - [5, 7, 8], axis=1)
    assert np.array_equal(targets.mask_weight[0].ravel() == 0, distance <= 2 + 1.6)
    assert targets.mask.max() == 0


@pytest.mark.parametrize(("edge", "sigma_cells"), [(4.0, 0.5), (16.0, 1.0), (24.0, 1.5), (60.0, 2.0)])
def test_heat_reaches_as_far_as_the_box_is_large(edge, sigma_cells):
    heat = dense_targets((64, 64, 64), [point((33.5, 33.5, 33.5), (edge,) * 3)], n_attributes=7).heat[0]
    assert heat[8, 8, 9] == pytest.approx(np.exp(-0.5 / sigma_cells**2))


def test_of_a_point_only_presence_and_rating_are_learnt():
    scores = np.array([0, 0, 1, 0, 0], np.float32)
    targets = dense_targets((64, 64, 64), [point((10, 20, 30), scores=scores)], n_attributes=7)
    assert np.argwhere(targets.heat[0] == 1).tolist() == [[2, 5, 7]]
    assert targets.box_weight.max() == 0
    assert targets.rating[:5, 2, 5, 7].tolist() == scores.tolist()
    assert targets.rating_weight[0, 2, 5, 7] == 1
    assert targets.mask_weight[0, 2, 5, 7] == 0
    assert targets.mask_weight[0, 15, 15, 15] == 1


def test_a_soft_mask_stays_soft_and_its_box_goes_by_half():
    soft = np.zeros((32, 32, 32), np.float32)
    soft[8:16, 8:16, 8:16] = 0.9
    soft[16, 8:16, 8:16] = 0.4
    targets = dense_targets(soft.shape, [Lesion(soft)], n_attributes=7)
    assert np.array_equal(targets.mask[0], soft)
    (cell,) = np.argwhere(targets.heat[0] == 1)
    centre, size = decode_boxes(targets.box[:, *cell][None], cell[None])
    np.testing.assert_allclose(centre, [[11.5, 11.5, 11.5]], atol=1e-4)
    np.testing.assert_allclose(size, [[8, 8, 8]], rtol=1e-4)
    assert targets.mask_weight.min() == 1


def test_of_two_outlines_the_surer_counts():
    a, b = np.zeros((32, 32, 32), np.float32), np.zeros((32, 32, 32), np.float32)
    a[4:12, 8:16, 8:16], b[8:16, 8:16, 8:16] = 0.6, 0.8
    mask = dense_targets(a.shape, [Lesion(b), Lesion(a)], n_attributes=7).mask[0]
    assert (mask[5, 9, 9], mask[10, 9, 9], mask[14, 9, 9]) == pytest.approx((0.6, 0.8, 0.8))


@pytest.mark.parametrize("centre", [(-0.5, 10, 10), (10, 31.5, 10), (10, 10, 80)])
def test_a_point_outside_the_patch_is_left_out(centre):
    targets = dense_targets((32, 32, 32), [point(centre, (8.0, 8.0, 8.0))], n_attributes=7)
    assert targets.heat.max() == targets.box_weight.max() == 0
    assert targets.mask_weight.min() == 1


def test_a_lesion_without_a_place_is_a_fault():
    with pytest.raises(ValueError, match="needs a mask or a centre"):
        dense_targets((32, 32, 32), [Lesion()], n_attributes=7)
