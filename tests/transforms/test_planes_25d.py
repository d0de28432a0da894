"""Nine planes through a place, against values known at every point of the world."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from resmtnet.transforms.grid import Grid
from resmtnet.transforms.planes_25d import PLANES, planes_25d
from resmtnet.transforms.planes_view import PlanesView

CENTRE = np.array([11.0, -7.0, 23.0])
GRADIENT = np.array([3.0, -5.0, 7.0])  # HU per mm along x, y, z
HU_TOLERANCE = 0.02  # float32 of values up to 1000


def turned_grid(angle: float = 0.3, spacing: tuple[float, float, float] = (0.7, 0.8, 2.0)) -> Grid:
    """An oblique grid, flipped along k, with the place in its middle."""
    c, s = np.cos(angle), np.sin(angle)
    directions = np.array([[c, -s, 0], [s, c, 0], [0, 0, -1]])
    affine = np.eye(4)
    affine[:3, :3] = directions * spacing
    shape = (40, 90, 100)
    affine[:3, 3] = CENTRE - affine[:3, :3] @ (np.array(shape[::-1]) - 1) / 2
    return Grid(shape, affine)


def linear_in_world(grid: Grid) -> np.ndarray:
    k, j, i = np.mgrid[tuple(slice(0, n) for n in grid.shape_kji)]
    points = grid.to_lps(np.stack([i.ravel(), j.ravel(), k.ravel()], axis=1))
    return (points @ GRADIENT).reshape(grid.shape_kji).astype(np.float32)


def expected(plane: int, row: int, column: int, *, edge: int, spacing: float, offset: float) -> float:
    """Value at a pixel by the documented axes: axial (rows y, columns x), coronal (z, x), sagittal (z, y)."""
    r, c = ((n - (edge - 1) / 2) * spacing for n in (row, column))
    o = (plane % 3 - 1) * offset
    at = [(c, r, o), (c, o, r), (o, c, r)][plane // 3]
    return float((CENTRE + at) @ GRADIENT)


@pytest.mark.parametrize("plane", range(PLANES))
def test_every_plane_lies_where_it_says_whatever_the_axes_of_the_grid(plane):
    grid = turned_grid()
    planes = planes_25d(linear_in_world(grid), grid, CENTRE, edge=24, spacing_mm=0.9, offset_mm=3.0)
    assert planes.shape == (PLANES, 24, 24)
    for row, column in ((0, 0), (5, 17), (23, 2)):
        value = expected(plane, row, column, edge=24, spacing=0.9, offset=3.0)
        assert planes[plane, row, column] == pytest.approx(value, abs=HU_TOLERANCE)


def test_a_turn_of_minus_one_mirrors_the_planes():
    grid = turned_grid()
    hu = np.random.default_rng(0).normal(size=grid.shape_kji).astype(np.float32)
    plain = planes_25d(hu, grid, CENTRE, edge=16)
    left_right = planes_25d(hu, grid, CENTRE, edge=16, turn=np.diag([1.0, 1.0, -1.0]))
    np.testing.assert_allclose(left_right[:6], plain[:6, :, ::-1], atol=1e-5)
    np.testing.assert_allclose(left_right[6:], plain[[8, 7, 6]], atol=1e-5)


def test_beyond_the_volume_its_border_goes_on():
    hu = np.full((3, 4, 4), -700, np.int16)
    hu[0], hu[2] = -1000, 40
    planes = planes_25d(hu, Grid(hu.shape, np.eye(4)), (1.5, 1.5, 1.0), edge=16, spacing_mm=2.0)
    coronal = planes[4]
    assert np.all(coronal[0] == -1000)
    assert np.all(coronal[-1] == 40)


def test_an_array_of_another_shape_than_its_grid_is_refused():
    with pytest.raises(ValueError, match="does not match"):
        planes_25d(np.zeros((3, 3, 3)), Grid((3, 3, 4), np.eye(4)), (0, 0, 0))


def test_a_view_windows_what_it_cuts():
    hu = np.full((5, 5, 5), -300, np.int16)
    view = PlanesView((-1000, 400), edge=8)
    image = view.windowed(view.cut(hu, Grid(hu.shape, np.eye(4)), (2, 2, 2)))
    assert image.dtype == torch.float32
    torch.testing.assert_close(image, torch.full((PLANES, 8, 8), 0.5))
