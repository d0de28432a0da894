import numpy as np
import pytest

from resmtnet.transforms.candidate_masks import CandidateMask, candidate_masks
from resmtnet.transforms.candidates import Candidate
from resmtnet.transforms.diameters import axial_diameters
from resmtnet.transforms.reader_diameters import reader_diameters

EDGE, MIDDLE = 61, 30
SPACING_MM = (0.8, 0.8, 0.8)


def outlined(probability: np.ndarray) -> CandidateMask:
    """What is left of a map when a candidate in its middle is outlined: its part at 0.5 and the voxels next to it."""
    candidate = Candidate(0.9, (7, 7, 7), (MIDDLE, MIDDLE, MIDDLE), (EDGE, EDGE, EDGE))
    return candidate_masks(probability.astype(np.float32), [candidate])[0]


def ellipsoid(a_mm: float, b_mm: float, soft_mm: float) -> np.ndarray:
    """Probability that falls by 1 over ``soft_mm`` along the longest axis; every contour has the same form."""
    axis = (np.arange(EDGE) - MIDDLE) * SPACING_MM[0]
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    inside = 1 - np.sqrt((x / a_mm) ** 2 + (y / b_mm) ** 2 + (z / b_mm) ** 2)
    return np.clip(0.5 + inside * a_mm / soft_mm, 0, 1)


@pytest.mark.parametrize("plain_up_to_mm", [None, 20.5, 25.0])
def test_up_to_the_limit_axes_lie_on_the_outline(plain_up_to_mm):
    mask = outlined(ellipsoid(10, 6, 1.2))
    axes = reader_diameters(mask, SPACING_MM, plain_up_to_mm=plain_up_to_mm)
    assert axes == axial_diameters(mask, SPACING_MM)
    assert axes[:2] == (pytest.approx(20, rel=0.02), pytest.approx(12, rel=0.02))


@pytest.mark.parametrize("plain_up_to_mm", [15.0, 10.0, 5.0])
def test_a_longer_axis_ends_where_the_probability_is_less_by_the_ratio_of_the_lengths(plain_up_to_mm):
    """The outline is so sharp that the contour lies among the voxels next to it."""
    axes = reader_diameters(outlined(ellipsoid(10, 6, 2.4)), SPACING_MM, plain_up_to_mm=plain_up_to_mm)
    level = 0.5 * plain_up_to_mm / 20
    assert axes.long_axis_mm == pytest.approx(20 + 2 * (0.5 - level) * 2.4, abs=0.1)
    assert axes.short_axis_mm == pytest.approx(12, rel=0.02)


def test_it_ends_with_the_ring_of_voxels_around_a_soft_outline():
    """Where the probability falls slowly, the contour would lie 4 mm further out on each side."""
    mask = outlined(ellipsoid(10, 6, 10.0))
    axes = reader_diameters(mask, SPACING_MM, plain_up_to_mm=2.0)
    assert 20 + 2 * 0.4 < axes.long_axis_mm < 20 + 2 * 2 * SPACING_MM[0]
    assert axes.short_axis_mm == pytest.approx(12, rel=0.02)


def test_a_spur_makes_the_long_axis_longer_and_leaves_slice_and_width():
    ball = ellipsoid(8, 8, 1.2)
    ball[MIDDLE, MIDDLE, 40] = 0.45
    mask = outlined(ball)
    plain, axes = (reader_diameters(mask, SPACING_MM, plain_up_to_mm=limit) for limit in (None, 5.0))
    (u0, v0), (u1, v1) = axes.short_axis_ij
    (x0, y0), (x1, y1) = axes.long_axis_ij
    assert axes.slice_k == plain.slice_k
    assert axes.long_axis_mm > plain.long_axis_mm + 0.3
    assert axes.short_axis_mm == pytest.approx(16, rel=0.03)
    assert (x1 - x0) * (u1 - u0) + (y1 - y0) * (v1 - v0) == pytest.approx(0, abs=1e-6)


def test_the_slice_beside_it_lends_no_length():
    """A wide slice next to a narrow one leaves its probability there; the ring of the narrow one does not reach it."""
    plate = np.zeros((EDGE, EDGE, EDGE))
    plate[MIDDLE, 25:36, 25:36] = 1
    plate[MIDDLE + 1, 25:36, 20:41] = 0.45
    plate[MIDDLE + 1, 30, 30] = 1
    axes = reader_diameters(outlined(plate), SPACING_MM, plain_up_to_mm=5.0)
    assert axes.slice_k == MIDDLE
    assert axes.long_axis_mm < np.hypot(13, 13) * SPACING_MM[0]


@pytest.mark.parametrize("limit_mm", [0.5, 2.0, 5.0])
def test_both_axes_belong_to_the_same_part_of_a_slice(limit_mm):
    """Two prongs in one slice, joined in the next: the fainter one is the longer at a low level."""
    prongs = np.zeros((EDGE, EDGE, EDGE))
    prongs[MIDDLE, 28:33, 10:22] = 1
    prongs[MIDDLE, 30, 26:36] = 0.52
    prongs[MIDDLE + 1, 30, 20:37] = 0.51
    axes = reader_diameters(outlined(prongs), SPACING_MM, plain_up_to_mm=limit_mm)
    assert np.isfinite(axes[:2]).all()
    (x0, _), (x1, _) = axes.long_axis_ij
    (u0, _), (u1, _) = axes.short_axis_ij
    assert min(x0, x1) - 1e-6 <= min(u0, u1)
    assert max(u0, u1) <= max(x0, x1) + 1e-6


@pytest.mark.parametrize("limit_mm", [0.01, 0.2, 1.0])
def test_an_outline_that_is_hardly_one_has_finite_axes(limit_mm):
    faint = np.zeros((EDGE, EDGE, EDGE))
    faint[MIDDLE, MIDDLE, MIDDLE] = 0.5005
    faint[MIDDLE, MIDDLE, 26:35] = np.maximum(faint[MIDDLE, MIDDLE, 26:35], 0.49)
    axes = reader_diameters(outlined(faint), SPACING_MM, plain_up_to_mm=limit_mm)
    assert np.isfinite(axes.long_axis_ij).all()
    assert np.isfinite(axes.short_axis_ij).all()
