import numpy as np
import torch

from resmtnet.transforms.grid import Grid, grid_of, to_metatensor


def test_points_return_to_their_voxels(source):
    points = np.random.default_rng(0).uniform(-5, 90, (50, 3))
    np.testing.assert_allclose(source.to_ijk(source.to_lps(points)), points, atol=1e-9)


def test_first_voxel_is_at_the_origin_of_the_affine(source):
    np.testing.assert_allclose(source.to_lps([[0, 0, 0]])[0], source.affine_lps[:3, 3])


def test_voxel_volume_of_a_tilted_grid_is_that_of_the_parallelepiped(grids):
    expected_mm3 = 0.7 * 0.7 * 1.5 * np.cos(np.radians(15))
    np.testing.assert_allclose(grids["tilted"].voxel_volume_mm3, expected_mm3)


def test_crop_keeps_the_place_of_its_voxels(source):
    part = source.crop((3, 4, 5), (6, 7, 8))
    assert part.shape_kji == (6, 7, 8)
    np.testing.assert_allclose(part.to_lps([[1, 1, 1]]), source.to_lps([[6, 5, 4]]))


def test_metatensor_carries_the_grid_in_ras(source):
    image = to_metatensor(np.zeros((1, *source.shape_kji), np.int16), source)
    ras = np.asarray(image.affine) @ [3, 2, 1, 1]
    np.testing.assert_allclose(ras[:3] * [-1, -1, 1], source.to_lps([[1, 2, 3]])[0])
    back = grid_of(image)
    assert back.shape_kji == source.shape_kji
    np.testing.assert_allclose(back.affine_lps, source.affine_lps, atol=1e-12)
    assert image.dtype == torch.int16


def test_spacing_is_in_the_order_ijk():
    assert Grid((2, 3, 4), np.diag([0.5, 0.6, 2.0, 1.0])).spacing_mm == (0.5, 0.6, 2.0)
