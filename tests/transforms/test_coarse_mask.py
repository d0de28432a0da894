import numpy as np

from resmtnet.transforms.coarse_mask import Blocks, box_around, grown, largest_part, local_share, reaching_border
from resmtnet.transforms.grid import Grid


def _grid(shape, spacing_mm=(2.0, 2.0, 5.0)):
    return Grid(shape, np.diag([*spacing_mm, 1.0]))


def test_part_at_the_border_of_its_slice_is_found_and_the_enclosed_part_is_not():
    mask = np.zeros((3, 8, 8), bool)
    mask[1, 0:2, 3] = True
    mask[1, 4:6, 4:6] = True
    mask[2, 4:6, 4:6] = True  # reaches the last slice, which is no border of its slice
    expected = np.zeros_like(mask)
    expected[1, 0:2, 3] = True
    np.testing.assert_array_equal(reaching_border(mask), expected)


def test_largest_of_two_parts():
    mask = np.zeros((3, 8, 8), bool)
    mask[0, 0, 0:2] = True
    mask[2, 3:6, 3:6] = True
    assert largest_part(mask).sum() == 9
    assert not largest_part(np.zeros((2, 2, 2), bool)).any()


def test_growth_is_in_mm():
    mask = np.zeros((9, 21, 21), bool)
    mask[4, 10, 10] = True
    start, stop = box_around(grown(mask, _grid(mask.shape), 10.0))
    assert (start, stop) == ((2, 5, 5), (7, 16, 16))


def test_share_of_a_cube():
    mask = np.zeros((9, 21, 21), bool)
    mask[:, :, 10:] = True
    share = local_share(mask, _grid(mask.shape), 10.0)
    np.testing.assert_allclose(share[4, 10, [2, 10, 18]], [0, 0.6, 1], atol=1e-6)


def test_box_of_an_empty_mask_is_the_whole():
    assert box_around(np.zeros((2, 3, 4), bool)) == ((0, 0, 0), (2, 3, 4))


def test_blocks_average_and_spread():
    voxels = _grid((3, 4, 5))
    blocks = Blocks(voxels)
    assert blocks.steps_kji == (1, 2, 2)
    assert blocks.grid.shape_kji == (3, 2, 3)
    values = np.arange(60, dtype=float).reshape(3, 4, 5)
    mean = blocks.mean(values)
    assert mean[0, 0, 0] == np.mean([0, 1, 5, 6])
    assert mean[0, 0, 2] == np.mean([4, 9])
    back = blocks.spread(mean)
    assert back.shape == voxels.shape_kji
    assert back[0, 1, 1] == mean[0, 0, 0]
    assert blocks.grid.spacing_mm == (4.0, 4.0, 5.0)
