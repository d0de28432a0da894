import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from monai.data.box_utils import box_iou as monai_iou
from monai.data.box_utils import non_max_suppression

from resmtnet.transforms.boxes import box_iou, decode_boxes, encode_boxes, suppress_overlaps


def _random_boxes(n, seed=0):
    random = np.random.default_rng(seed)
    return random.uniform(0, 60, (n, 3)), random.uniform(3, 30, (n, 3)), random.permutation(n) / n


def _corners(centres, sizes):
    return torch.from_numpy(np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)).float()


def test_code_of_a_box_by_hand():
    # cell (1, 2, 3) has its centre at voxel (5.5, 9.5, 13.5) in (k, j, i)
    said = encode_boxes([[14.0, 9.5, 4.5]], [[8.0, 16.0, 4.0]], [[1, 2, 3]])
    np.testing.assert_allclose(said, [[-1.0, 0.0, 0.5, np.log(0.5), np.log(2), 0.0]], atol=1e-12)


@settings(deadline=None)  # a loaded machine is no failure
@given(
    centre=st.tuples(*[st.floats(-10, 500)] * 3),
    size=st.tuples(*[st.floats(0.5, 200)] * 3),
    cell=st.tuples(*[st.integers(0, 120)] * 3),
)
def test_decoding_is_the_inverse_of_encoding(centre, size, cell):
    centres, sizes = decode_boxes(encode_boxes([centre], [size], [cell]), [cell])
    np.testing.assert_allclose(centres, [centre], atol=1e-9)
    np.testing.assert_allclose(sizes, [size], rtol=1e-12)


def test_no_box_is_coded_as_no_row():
    centres, sizes = decode_boxes(np.zeros((0, 6)), np.zeros((0, 3)))
    assert centres.shape == sizes.shape == (0, 3)


def test_iou_agrees_with_monai():
    centres, sizes, _ = _random_boxes(200)
    truth = monai_iou(_corners(centres[:1], sizes[:1]), _corners(centres, sizes))[0]
    np.testing.assert_allclose(box_iou(centres[0], sizes[0], centres, sizes), truth, atol=1e-5)


@pytest.mark.parametrize("iou", [0.05, 0.2, 0.5])
def test_suppression_keeps_the_same_boxes_as_monai(iou):
    centres, sizes, scores = _random_boxes(400, seed=1)
    truth = non_max_suppression(_corners(centres, sizes), torch.from_numpy(scores), nms_thresh=iou)
    kept = suppress_overlaps(centres, sizes, scores, iou=iou)
    assert 10 < len(kept) < 400
    np.testing.assert_array_equal(kept, truth)


def test_suppression_by_distance():
    centres = np.array([[0.0, 0, 0], [3, 0, 0], [9, 0, 0]])
    sizes, scores = np.full((3, 3), 1.0), np.array([0.5, 0.9, 0.1])
    np.testing.assert_array_equal(suppress_overlaps(centres, sizes, scores, iou=0.2, distance_voxels=4.0), [1, 2])
    np.testing.assert_array_equal(suppress_overlaps(centres, sizes, scores, iou=0.2, distance_voxels=3.0), [1, 0, 2])


def test_suppression_of_nothing():
    assert suppress_overlaps(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0), iou=0.2).shape == (0,)
