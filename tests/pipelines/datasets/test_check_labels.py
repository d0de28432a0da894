from __future__ import annotations

import numpy as np
import pytest

from resmtnet.pipelines.datasets.check_labels import check_scan_labels
from resmtnet.pipelines.datasets.data_list import NoduleLabel, ScanLabel
from resmtnet.transforms.grid import Grid
from resmtnet.transforms.lungs import find_lungs


@pytest.fixture(scope="module")
def seen(known_scan):
    grid = Grid(known_scan.hu.shape, known_scan.affine_lps)
    return grid, find_lungs(known_scan.hu, grid)


def scan_of(*centres, size=None) -> ScanLabel:
    nodules = tuple(NoduleLabel(f"n{n}", tuple(c), size) for n, c in enumerate(centres, 1))
    return ScanLabel("a", "p", "a", True, nodules)


def test_true_nodules_are_in_place(known_scan, seen):
    centres = [centre for centre, _ in known_scan.nodules]
    assert check_scan_labels(scan_of(*centres, size=(8.0, 8.0, 8.0)), *seen) == ()
    assert check_scan_labels(scan_of(*centres), seen[0], None) == ()


def test_ras_given_as_lps_is_seen(known_scan, seen):
    wrong = [(-x, -y, z) for (x, y, z), _ in known_scan.nodules]
    codes = check_scan_labels(scan_of(*wrong), *seen)
    assert codes[-1].startswith("W_FRAME_SUSPECT 5 of 5 ")
    assert "RAS" in codes[-1]
    assert codes[0] == "W_BOX_OUTSIDE_IMAGE n1"


def test_one_slip_is_no_wrong_frame(known_scan, seen):
    centres = [centre for centre, _ in known_scan.nodules]
    x, y, z = centres[0]
    assert check_scan_labels(scan_of((-x, -y, z), *centres[1:]), *seen) == ("W_BOX_OUTSIDE_IMAGE n1",)


def test_a_scan_without_nodules_has_nothing_odd(seen):
    assert check_scan_labels(scan_of(), *seen) == ()


def test_a_box_may_end_at_the_faces_of_the_image_and_no_further(seen):
    grid = seen[0]
    first_voxel = grid.to_lps([[0, 0, 0]])[0]
    at_the_face = tuple(first_voxel + np.array([4.0, 4.0, 4.0]) - np.array(grid.spacing_mm) / 2)
    assert check_scan_labels(scan_of(at_the_face, size=(8.0, 8.0, 8.0)), grid, None) == ()
    beyond = tuple(np.array(at_the_face) - (2.0, 0.0, 0.0))
    assert check_scan_labels(scan_of(beyond, size=(8.0, 8.0, 8.0)), grid, None) == ("W_BOX_OUTSIDE_IMAGE n1",)


def test_a_point_far_from_the_lungs_is_named_unless_it_is_the_middle_of_a_large_mass(known_scan, seen):
    grid, lungs = seen
    labelled = lungs.grid.to_lps(np.argwhere(lungs.labels > 0)[:, ::-1])
    # out from the lateral-most voxel of lung: the nearest lung is that voxel, or one beside it
    place = labelled[labelled[:, 0].argmax()] + (14.0, 0.0, 0.0)
    nearest = np.linalg.norm(labelled - place, axis=1).min()
    assert 10 < nearest <= 14
    assert check_scan_labels(scan_of(tuple(place)), grid, lungs) == ("W_BOX_OUTSIDE_LUNG n1",)
    assert check_scan_labels(scan_of(tuple(place), size=(9.0, 9.0, 9.0)), grid, lungs) == ()
    assert check_scan_labels(scan_of(tuple(place)), grid, None) == ()
