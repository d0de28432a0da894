import numpy as np
import pytest
import torch

from resmtnet.transforms.boxes import encode_boxes
from resmtnet.transforms.candidates import find_candidates

# heat map cell (k, j, i), probability, centre and size (i, j, k) in voxels
NODULES = [
    ((2, 3, 4), 0.9, (18.0, 13.0, 9.2), (9.0, 8.0, 7.0)),
    ((8, 10, 3), 0.6, (13.0, 41.0, 33.0), (5.0, 5.0, 6.0)),
    ((11, 0, 15), 0.3, (62.0, 1.0, 45.0), (12.0, 12.0, 10.0)),
]


def _maps(nodules=NODULES, cells=(12, 14, 16)):
    heat, boxes = np.zeros(cells, np.float32), np.zeros((6, *cells), np.float32)
    for cell, probability, centre, size in nodules:
        k, j, i = np.meshgrid(*[np.arange(n) for n in cells], indexing="ij")
        squared = (k - cell[0]) ** 2 + (j - cell[1]) ** 2 + (i - cell[2]) ** 2
        heat = np.maximum(heat, probability * np.exp(-squared / 2)).astype(np.float32)
        for near in np.argwhere(squared <= 4):
            boxes[(slice(None), *near)] = encode_boxes([centre], [size], [near])[0]
    return heat, boxes


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy, lambda a: torch.from_numpy(a).double()])
def test_planted_nodules_are_found_in_order(kind):
    heat, boxes = _maps()
    found = find_candidates(kind(heat), kind(boxes), min_probability=0.1)
    assert len(found) == len(NODULES)
    for candidate, (cell, probability, centre, size) in zip(found, NODULES, strict=True):
        assert candidate.cell_kji == cell
        assert candidate.probability == pytest.approx(probability, abs=1e-6)
        np.testing.assert_allclose(candidate.centre_ijk, centre, atol=1e-4)
        np.testing.assert_allclose(candidate.size_ijk, size, atol=1e-4)


def test_least_probability_and_largest_number():
    heat, boxes = _maps()
    assert len(find_candidates(heat, boxes, min_probability=0.5)) == 2
    assert find_candidates(heat, boxes, min_probability=0.95) == ()
    assert [c.probability for c in find_candidates(heat, boxes, min_probability=0.1, max_candidates=1)] == [
        pytest.approx(0.9)
    ]


def test_plateau_gives_one_candidate():
    heat, boxes = np.zeros((8, 8, 8), np.float32), np.zeros((6, 8, 8, 8), np.float32)
    heat[4, 4, 3:6] = 1.0
    for cell in [(4, 4, 3), (4, 4, 4), (4, 4, 5)]:
        boxes[(slice(None), *cell)] = encode_boxes([(17.5, 17.5, 17.5)], [(9, 9, 9)], [cell])[0]
    assert len(find_candidates(heat, boxes, min_probability=0.1)) == 1


def test_neighbouring_nodules_with_boxes_apart_both_stay():
    near = [
        ((4, 4, 4), 0.9, (17.5, 17.5, 17.5), (6.0, 6.0, 6.0)),
        ((4, 4, 7), 0.8, (29.5, 17.5, 17.5), (6.0, 6.0, 6.0)),
    ]
    assert len(find_candidates(*_maps(near), min_probability=0.5)) == 2


def test_boxes_beyond_all_measure_are_clamped_to_the_grid():
    heat, boxes = np.zeros((4, 4, 4), np.float32), np.zeros((6, 4, 4, 4), np.float32)
    heat[0, 0, 0] = 0.9
    boxes[:, 0, 0, 0] = [-50, 80, 0, 20, -20, 0]
    (candidate,) = find_candidates(heat, boxes, min_probability=0.5)
    assert candidate.centre_ijk == (1.5, 15, 0)
    assert candidate.size_ijk == (8, 1, 16)


def test_maps_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match="expected heat"):
        find_candidates(np.zeros((4, 4, 4)), np.zeros((6, 4, 4, 5)), min_probability=0.5)
