import numpy as np

from resmtnet.transforms.grid import Grid
from resmtnet.transforms.lung_sides import LEFT, RIGHT, split_sides

GRID = Grid((30, 30, 60), np.diag([5.0, 5.0, 5.0, 1.0]))


def test_two_blocks_are_right_and_left():
    lung = np.zeros(GRID.shape_kji, bool)
    lung[5:25, 5:25, 5:25] = lung[5:25, 5:25, 32:55] = True
    sides = split_sides(lung, GRID, 30.0)
    assert set(np.unique(sides[:, :, :30])) == {0, RIGHT}
    assert set(np.unique(sides[:, :, 30:])) == {0, LEFT}


def test_lungs_that_do_not_come_apart_are_divided_where_they_are_thinnest():
    lung = np.zeros(GRID.shape_kji, bool)
    lung[5:25, 5:25, 5:55] = True
    lung[5:25, 23:25, 27:29] = False
    sides = split_sides(lung, GRID, 30.0)
    assert set(np.unique(sides[lung & (np.arange(60) < 27)])) == {RIGHT}
    assert set(np.unique(sides[lung & (np.arange(60) >= 29)])) == {LEFT}


def test_one_lung_has_the_side_it_lies_on():
    lung = np.zeros(GRID.shape_kji, bool)
    lung[5:25, 5:25, 33:55] = True
    assert set(np.unique(split_sides(lung, GRID, 30.0))) == {0, LEFT}
    assert set(np.unique(split_sides(lung[:, :, ::-1], GRID, 30.0))) == {0, RIGHT}


def test_parts_above_each_other_are_one_lung():
    lung = np.zeros(GRID.shape_kji, bool)
    lung[0:13, 5:25, 5:25] = lung[17:30, 5:25, 5:25] = True
    assert set(np.unique(split_sides(lung, GRID, 30.0))) == {0, RIGHT}


def test_empty_mask_stays_empty():
    assert not split_sides(np.zeros(GRID.shape_kji, bool), GRID, 30.0).any()
