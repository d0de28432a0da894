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
