from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from resmtnet.pipelines.datasets.lidc_idri.cluster_outlines import cluster_outlines
from resmtnet.pipelines.datasets.lidc_idri.fill_contour import fill_contour
from resmtnet.pipelines.datasets.lidc_idri.place_outline import PlacedOutline, place_outline
from resmtnet.pipelines.datasets.lidc_idri.reading import Contour, Outline
from resmtnet.pipelines.datasets.lidc_idri.slice_index import SliceIndex

SLICES = SliceIndex({f"u{k}": k for k in range(6)}, (0.0, 2.5, 5.0, 7.5, 10.0, 12.5), (40, 30))


def ring(low: int, high: int) -> npt.NDArray[np.int32]:
    """The pixels of the border of a square from ``low`` to ``high``, clockwise."""
    side = range(low, high)
    points = [(i, low) for i in side] + [(high, j) for j in side]
    points += [(high - i + low, high) for i in side] + [(low, high - j + low) for j in side]
    return np.array(points, np.int32)


def pixels(points: npt.NDArray[np.int32] | list[tuple[int, int]]) -> set[tuple[int, int]]:
    """Column and row of what the contour encloses."""
    filled = fill_contour(np.array(points, np.int32))
    return {(int(i + filled.start_ji[1]), int(j + filled.start_ji[0])) for j, i in np.argwhere(filled.inside)}


def test_the_contour_is_the_first_pixel_outside():
    assert pixels(ring(10, 14)) == {(i, j) for i in (11, 12, 13) for j in (11, 12, 13)}


def test_diagonal_steps_let_nothing_through():
    diamond = [(2, 0), (3, 1), (4, 2), (3, 3), (2, 4), (1, 3), (0, 2), (1, 1)]
    assert pixels(diamond) == {(2, 1), (1, 2), (2, 2), (3, 2), (2, 3)}


def test_pixels_that_a_contour_jumps_over_are_inside():
    square = {(i, j) for i in range(5) for j in range(5)}
    corners = {(0, 0), (4, 0), (4, 4), (0, 4)}
    assert pixels([(0, 0), (4, 0), (4, 4), (0, 4)]) == square - corners


def test_a_closed_list_and_a_spur_change_nothing():
    around = ring(0, 4).tolist()
    spur = [(5, 4), (6, 4), (7, 4), (6, 4), (5, 4)]
    at = around.index([4, 4])
    assert pixels([*around[:at], (4, 4), *spur, *around[at:]]) == pixels([*around, around[0]]) == pixels(around)


def test_a_notch_whose_mouth_is_one_diagonal_wide_is_outside():
    # the contour goes into the square at (3, 0), around (3, 2) from outside and out again at (4, 1)
    around = [(0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (2, 2), (3, 3), (4, 2), (4, 1), (5, 0), (6, 0)]
    around += [(6, j) for j in range(1, 7)] + [(i, 6) for i in range(5, -1, -1)] + [(0, j) for j in range(5, 0, -1)]
    assert (3, 2) not in pixels(around)
    assert (1, 1) in pixels(around)


@pytest.mark.parametrize("points", [[(3, 3)], [(3, 3), (4, 3)], [(3, 3), (4, 3), (3, 4)]])
def test_too_short_a_contour_encloses_nothing(points: list[tuple[int, int]]):
    assert pixels(points) == set()


def contour(k: int, points: npt.NDArray[np.int32], *, included: bool = True, uid: str | None = None) -> Contour:
    return Contour(f"u{k}" if uid is None else uid, SLICES.z_mm[k], included, points)


def placed(*contours: Contour, reader: int = 0) -> PlacedOutline:
    found = place_outline(Outline(reader, contours, {}), SLICES)
    assert found is not None
    return found


def test_a_hole_is_cut_out_with_its_contour():
    one = placed(contour(2, ring(10, 20)), contour(2, ring(13, 17), included=False), contour(3, ring(11, 15)))
    assert one.start_kji == (2, 10, 10)
    assert one.inside.sum(axis=(1, 2)).tolist() == [81 - 25, 9]
    assert one.reach.sum(axis=(1, 2)).tolist() == [121, 25]
    assert (one.n_lost, one.gaps) == (0, 0)


def test_a_slice_is_found_by_instance_or_by_position_and_both_must_agree():
    renamed = contour(1, ring(0, 4), uid="renamed")
    assert placed(renamed).start_kji[0] == 1
    elsewhere = Contour("u1", SLICES.z_mm[4], True, ring(0, 4))
    below = Contour("gone", -2.5, True, ring(0, 4))
    assert placed(renamed, elsewhere, below).n_lost == 2
    assert place_outline(Outline(0, (elsewhere, below), {}), SLICES) is None


def test_a_contour_may_touch_the_border_and_not_leave_the_image():
    border = placed(contour(1, ring(20, 30)), contour(2, ring(21, 31)))
    assert (border.start_kji, border.n_lost) == ((1, 20, 20), 1)


def test_slices_left_out_between_others_are_counted():
    assert placed(contour(0, ring(0, 4)), contour(3, ring(0, 4))).gaps == 2


def test_outlines_that_share_a_voxel_are_one_nodule():
    a = placed(contour(1, ring(0, 10)), reader=0)
    touching = placed(contour(1, ring(10, 20)), reader=1)  # only their contours meet, in one pixel
    above = placed(contour(2, ring(0, 10)), reader=2)
    assert cluster_outlines([a, touching, above]) == ((0, 1), (2,))


def test_two_outlines_of_one_reader_stay_two_and_the_better_one_is_joined():
    whole = placed(contour(1, ring(0, 20)), reader=0)
    small = placed(contour(1, ring(0, 6)), reader=1)
    large = placed(contour(1, ring(5, 20)), reader=1)
    third = placed(contour(1, ring(1, 6)), reader=2)
    assert cluster_outlines([whole, small, large]) == ((0, 2), (1,))
    assert cluster_outlines([whole, small, large, third]) == ((0, 2), (1, 3))


def test_no_outline_is_no_nodule():
    assert cluster_outlines([]) == ()
