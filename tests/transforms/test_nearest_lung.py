import numpy as np
import pytest

from resmtnet.transforms.grid import Grid
from resmtnet.transforms.lungs import Lungs
from resmtnet.transforms.nearest_lung import nearest_lung


@pytest.mark.parametrize(
    ("point", "side"),
    [
        ((-60, 0, 0), "right"),
        ((60, 0, 0), "left"),
        ((-2, 0, 0), "right"),
        ((2, 0, 0), "left"),
        ((60, 0, 75), "left"),
        ((60, 0, 95), "unknown"),
        ((500, 0, 0), "unknown"),
    ],
)
def test_side_of_a_point(point, side):
    affine = np.diag([3.0, 3.0, 5.0, 1.0])
    affine[:3, 3] = [-99, -60, -100]
    labels = np.zeros((41, 41, 67), np.uint8)
    labels[10:31, 10:30, 5:29] = 1
    labels[10:31, 10:30, 38:62] = 2
    lungs = Lungs(labels, Grid((41, 41, 67), affine), ((0, 0, 0), (41, 41, 67)), True)
    assert nearest_lung(lungs, point).side == side
