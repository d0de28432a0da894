import numpy as np
import pytest

from resmtnet.transforms.candidate_masks import CandidateMask
from resmtnet.transforms.diameters import axial_diameters
from resmtnet.transforms.reader_diameters import reader_diameters

SPACING_MM = (0.8, 0.8, 0.8)
SOFT_MM = 8.0
"""The probability falls from 1 to 0 over this length, and is 0.5 on the outline: its contours are known."""


def _ellipsoid(a_mm, b_mm):
    """Probability that falls along every ray alike, so that every contour is an ellipsoid of the same form."""
    axis = np.arange(-30, 31) * SPACING_MM[0]
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    inside = 1 - np.sqrt((x / a_mm) ** 2 + (y / b_mm) ** 2 + (z / b_mm) ** 2)
    return CandidateMask((0, 0, 0), np.clip(0.5 + inside * a_mm / SOFT_MM, 0, 1).astype(np.float32))


@pytest.mark.parametrize("plain_up_to_mm", [None, 20.0, 25.0])
def test_up_to_the_limit_axes_lie_on_the_outline(plain_up_to_mm):
    mask = _ellipsoid(10, 6)
    axes = reader_diameters(mask, SPACING_MM, plain_up_to_mm=plain_up_to_mm)
    assert axes == axial_diameters(mask, SPACING_MM)
    assert axes[:2] == (pytest.approx(20, rel=0.02), pytest.approx(12, rel=0.02))


@pytest.mark.parametrize("plain_up_to_mm", [15.0, 10.0, 5.0])
def test_a_longer_axis_ends_where_the_probability_is_less_by_the_ratio_of_the_lengths(plain_up_to_mm):
    axes = reader_diameters(_ellipsoid(10, 6), SPACING_MM, plain_up_to_mm=plain_up_to_mm)
    level = 0.5 * plain_up_to_mm / 20
    assert axes.long_axis_mm == pytest.approx(20 * (1 + (0.5 - level) * SOFT_MM / 10), rel=0.02)
    assert axes.short_axis_mm == pytest.approx(12, rel=0.02)
    assert axes.slice_k == 30


def test_the_short_axis_is_that_of_the_outline_across_the_long_one():
    """A faint spur makes the long axis longer and turns it; across it the body is as wide as it is outlined."""
    ball = _ellipsoid(8, 8).probability
    ball[30, 30, 41:55] = np.maximum(ball[30, 30, 41:55], 0.3)
    axes = reader_diameters(CandidateMask((0, 0, 0), ball), SPACING_MM, plain_up_to_mm=4.0)
    (x0, y0), (x1, y1) = axes.long_axis_ij
    (u0, v0), (u1, v1) = axes.short_axis_ij
    assert max(x0, x1) > 53
    assert axes.short_axis_mm == pytest.approx(16, rel=0.03)
    assert (x1 - x0) * (u1 - u0) + (y1 - y0) * (v1 - v0) == pytest.approx(0, abs=1e-6)
