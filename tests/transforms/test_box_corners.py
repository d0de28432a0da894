import numpy as np

from resmtnet.transforms.box_corners import box_to_grid, box_to_lps
from resmtnet.transforms.grid import Grid
from resmtnet.transforms.model_grid import model_grid

CENTRE, SIZE = (30.0, 25.5, 20.0), (8.0, 7.0, 12.0)


def _model(source):
    return model_grid(source, (0, 0, 0), source.shape_kji, 1.0, 16)


def test_box_by_hand():
    affine = np.array([[-2.0, 0, 0, 100], [0, 1, 0, 10], [0, 0, 3, -50], [0, 0, 0, 1]])
    low, high = box_to_lps((5, 6, 7), (2, 4, 1), Grid((20, 20, 20), affine))
    assert (low, high) == ((88, 14, -30.5), (92, 18, -27.5))


def test_box_returns_from_the_source_when_the_axes_are_parallel(grids):
    for name in ("axial", "thick", "flipped", "sagittal", "coronal"):
        source = grids[name]
        model = _model(source)
        low, high = (np.array(corner) for corner in box_to_grid(CENTRE, SIZE, model, source))
        again = box_to_lps((low + high) / 2, high - low, source)
        np.testing.assert_allclose(again, box_to_lps(CENTRE, SIZE, model), atol=1e-9)


def test_every_point_of_the_box_lies_in_its_bounds(source):
    model = _model(source)
    points = np.array(CENTRE) + (np.random.default_rng(0).random((500, 3)) - 0.5) * SIZE
    lps = model.to_lps(points)
    for bounds, where in (
        (box_to_lps(CENTRE, SIZE, model), lps),
        (box_to_grid(CENTRE, SIZE, model, source), source.to_ijk(lps)),
    ):
        assert np.all(where >= np.array(bounds[0]) - 1e-9)
        assert np.all(where <= np.array(bounds[1]) + 1e-9)


def test_bounds_keep_the_centre(source):
    model = _model(source)
    low, high = box_to_grid(CENTRE, SIZE, model, source)
    np.testing.assert_allclose(source.to_lps((np.array(low) + high) / 2), model.to_lps(CENTRE), atol=1e-9)
