import numpy as np
import pytest

from resmtnet.transforms.grid import Grid
from resmtnet.transforms.model_grid import model_grid


def _whole(source, **options):
    return model_grid(source, (0, 0, 0), source.shape_kji, **({"spacing_mm": 1.0, "divisor": 16} | options))


def test_axes_are_orthogonal_of_the_asked_spacing_and_run_to_left_back_and_head(source):
    grid = _whole(source)
    columns = grid.affine_lps[:3, :3]
    np.testing.assert_allclose(columns.T @ columns, np.eye(3), atol=1e-9)
    assert np.all(np.diag(columns) > 0.9)


def test_shape_is_a_multiple_of_the_divisor_and_no_larger_than_needed(grids):
    grid = _whole(grids["axial"])
    assert grid.shape_kji == (64, 64, 64)
    assert _whole(grids["axial"], divisor=1).shape_kji == (60, 60, 60)


def test_every_voxel_of_the_region_lies_within_the_grid(source):
    start, stop = (4, 10, 12), tuple(n - 3 for n in source.shape_kji)
    grid = model_grid(source, start, stop, 1.0, 16)
    faces = np.stack([np.array(start) - 0.5, np.array(stop) - 0.5])[:, ::-1]
    corners = np.array([[faces[a, 0], faces[b, 1], faces[c, 2]] for a, b, c in np.ndindex(2, 2, 2)])
    inside = grid.to_ijk(source.to_lps(corners))
    assert np.all(inside >= -0.5 - 1e-6)
    assert np.all(inside <= np.array(grid.shape_kji[::-1]) - 0.5 + 1e-2)


def test_first_voxel_touches_the_face_of_the_region(grids):
    source = grids["axial"]
    grid = model_grid(source, (2, 3, 4), (20, 30, 40), 1.0, 16)
    outer_face = grid.to_lps([[-0.5, -0.5, -0.5]])
    np.testing.assert_allclose(source.to_ijk(outer_face)[0], [3.5, 2.5, 1.5], atol=1e-9)


def test_slices_of_a_tilted_series_stay_in_plane(grids):
    source = grids["tilted"]
    normal = np.cross(source.affine_lps[:3, 0], source.affine_lps[:3, 1])
    np.testing.assert_allclose(_whole(source).affine_lps[:3, 2], normal / np.linalg.norm(normal), atol=1e-9)


def test_rounding_of_a_float32_affine_adds_no_voxel():
    exact = np.diag([0.7, 0.7, 1.25, 1.0])
    shapes = {_whole(Grid((48, 80, 80), a), divisor=1).shape_kji for a in (exact, exact.astype(np.float32) * 1.0)}
    assert shapes == {(60, 56, 56)}


@pytest.mark.parametrize(("start", "stop"), [((0, 0, 0), (99, 5, 5)), ((5, 5, 5), (5, 9, 9)), ((-1, 0, 0), (5, 5, 5))])
def test_region_outside_the_source_is_refused(grids, start, stop):
    with pytest.raises(ValueError, match="outside"):
        model_grid(grids["axial"], start, stop, 1.0, 16)


@pytest.mark.parametrize(("spacing_mm", "divisor"), [(0.0, 16), (1.0, 0)])
def test_impossible_spacing_and_divisor_are_refused(grids, spacing_mm, divisor):
    with pytest.raises(ValueError, match="spacing_mm"):
        model_grid(grids["axial"], (0, 0, 0), (5, 5, 5), spacing_mm, divisor)
