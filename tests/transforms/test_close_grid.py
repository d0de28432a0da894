import numpy as np
import pytest

from resmtnet.transforms.candidates import Candidate
from resmtnet.transforms.close_grid import close_grid
from resmtnet.transforms.grid import Grid

CANDIDATE = Candidate(0.9, (1, 2, 3), (12.5, 9.0, 6.25), (8.0, 8.0, 8.0))


def test_corners_by_hand():
    model = Grid((40, 40, 40), np.array([[1.0, 0, 0, -20], [0, 1.0, 0, -10], [0, 0, 2.0, 5], [0, 0, 0, 1]]))
    grid = close_grid(model, CANDIDATE, spacing_mm=0.5, edge=16)
    # the candidate is at (-7.5, -1, 17.5) mm; 7.5 voxels of 0.5 mm lie on each side of the middle
    assert grid.shape_kji == (16, 16, 16)
    np.testing.assert_allclose(grid.to_lps([(0, 0, 0), (15, 15, 15)]), [[-11.25, -4.75, 13.75], [-3.75, 2.75, 21.25]])


@pytest.mark.parametrize("edge", [16, 17])
def test_middle_spacing_and_axes_on_every_grid(source, edge):
    grid = close_grid(source, CANDIDATE, spacing_mm=0.6, edge=edge)
    middle = [(edge - 1) / 2] * 3
    np.testing.assert_allclose(grid.to_lps([middle]), source.to_lps([CANDIDATE.centre_ijk]), atol=1e-9)
    assert grid.spacing_mm == pytest.approx((0.6, 0.6, 0.6))
    # steps along each axis of the fine grid are steps along the same axis of the model grid
    steps = source.to_ijk(grid.to_lps(np.eye(3))) - source.to_ijk(grid.to_lps([(0, 0, 0)]))
    np.testing.assert_allclose(steps, np.diag(0.6 / np.array(source.spacing_mm)), atol=1e-9)
