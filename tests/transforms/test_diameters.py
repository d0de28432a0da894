import numpy as np
import pytest

from resmtnet.transforms.candidate_masks import CandidateMask
from resmtnet.transforms.diameters import axial_diameters


def _mask(inside_by_mm, spacing_mm=(1.0, 1.0, 1.0), half_mm=(22, 22, 22), start=(5, 6, 7)):
    """Mask of a shape given by its signed depth (mm, positive inside) at points (x, y, z)."""
    axes = [np.arange(-half, half + mm / 2, mm) for half, mm in zip(half_mm, spacing_mm, strict=True)]
    z, y, x = np.meshgrid(*axes[::-1], indexing="ij")
    return CandidateMask(start, np.clip(0.5 + inside_by_mm(x, y, z), 0, 1).astype(np.float32))


def _sampled(shape_at, spacing_mm=(1.0, 1.0, 1.0), fine=5):
    """Mask of the share of each voxel that lies within a shape: an independent way to make the probability."""
    offsets = (np.arange(fine) - (fine - 1) / 2) / fine
    axes = [np.arange(-22, 22 + mm / 2, mm) for mm in spacing_mm]
    z, y, x = np.meshgrid(*axes[::-1], indexing="ij")
    share = np.zeros(z.shape, np.float32)
    for a in offsets:
        for b in offsets:
            for c in offsets:
                share += shape_at(x + a * spacing_mm[0], y + b * spacing_mm[1], z + c * spacing_mm[2])
    return CandidateMask((5, 6, 7), share / fine**3)


@pytest.mark.parametrize("diameter_mm", [6.0, 8.5, 15.0, 30.0])
@pytest.mark.parametrize("shift_mm", [(0, 0, 0), (0.5, 0.5, 0.5), (0.2, -0.4, 0.3)])
def test_ball(diameter_mm, shift_mm):
    a, b, c = shift_mm
    mask = _sampled(lambda x, y, z: (x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2 <= diameter_mm**2 / 4)
    long_mm, short_mm, slice_k = axial_diameters(mask, (1.0, 1.0, 1.0))[:3]
    assert long_mm == pytest.approx(diameter_mm, rel=0.03)
    assert short_mm == pytest.approx(diameter_mm, rel=0.03)
    assert abs(slice_k - (5 + 22 + c)) <= 1


@pytest.mark.parametrize("degrees", [0, 30, 45, 77, 120])
def test_turned_ellipsoid(degrees):
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    mask = _sampled(
        lambda x, y, z: ((cos * x + sin * y) / 10) ** 2 + ((cos * y - sin * x) / 6) ** 2 + (z / 8) ** 2 <= 1
    )
    long_mm, short_mm, slice_k = axial_diameters(mask, (1.0, 1.0, 1.0))[:3]
    assert (long_mm, short_mm) == (pytest.approx(20, rel=0.03), pytest.approx(12, rel=0.03))
    assert slice_k == 5 + 22


@pytest.mark.parametrize("degrees", [0, 30, 77])
def test_ends_of_the_axes(degrees):
    """Ends are in voxels of the whole grid, of 0.5 and 0.8 mm."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    mask = _mask(
        lambda x, y, z: 1 - np.sqrt(((cos * x + sin * y) / 10) ** 2 + ((cos * y - sin * x) / 6) ** 2 + (z / 8) ** 2),
        spacing_mm=(0.5, 0.8, 2.0),
    )
    axes = axial_diameters(mask, (0.5, 0.8, 2.0))
    middle = np.add(mask.start_kji[:0:-1], (np.array(mask.probability.shape[:0:-1]) - 1) / 2)
    long_mm, short_mm = ((np.array(ends) - middle) * (0.5, 0.8) for ends in (axes.long_axis_ij, axes.short_axis_ij))
    assert abs(long_mm @ [cos, sin]) == pytest.approx([10, 10], abs=0.3)
    assert abs(short_mm @ [-sin, cos]) == pytest.approx([6, 6], abs=0.3)
    for ends, length in ((long_mm, axes.long_axis_mm), (short_mm, axes.short_axis_mm)):
        assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(length)


def test_spacing_counts():
    mask = _mask(lambda x, y, z: 10 - np.sqrt(x**2 + y**2 + z**2), spacing_mm=(0.5, 0.8, 2.0))
    long_mm, short_mm, slice_k = axial_diameters(mask, (0.5, 0.8, 2.0))[:3]
    assert (long_mm, short_mm) == (pytest.approx(20, rel=0.02), pytest.approx(20, rel=0.02))
    assert slice_k == 5 + 11


def test_rectangle_has_its_diagonal_as_long_axis():
    """Diagonal of 12 x 5; across it the longest line runs from a corner: 2 * 12 * 5 / 13 long."""
    mask = _mask(lambda x, y, z: np.minimum(np.minimum(6 - abs(x), 2.5 - abs(y)), 3.5 - abs(z)))
    long_mm, short_mm, _ = axial_diameters(mask, (1.0, 1.0, 1.0))[:3]
    assert long_mm == pytest.approx(13, rel=0.04)
    assert short_mm < 6


def test_short_axis_is_a_line_within_the_slice_of_the_long_axis():
    """Two slabs: the long axis is taken in the upper, where it is thin, though the lower is wider."""
    mask = _mask(
        lambda x, y, z: np.where(z > 0, np.minimum(15 - abs(x), 2 - abs(y)), 8 - np.hypot(x, y)) - 9 * (abs(z) > 5)
    )
    long_mm, short_mm, slice_k = axial_diameters(mask, (1.0, 1.0, 1.0))[:3]
    assert long_mm == pytest.approx(30, rel=0.03)
    assert short_mm < 6
    assert slice_k > 5 + 22


def test_single_voxel():
    probability = np.zeros((3, 3, 3), np.float32)
    probability[1, 1, 1] = 1
    long_mm, short_mm, slice_k = axial_diameters(CandidateMask((3, 3, 3), probability), (1.0, 1.0, 1.0))[:3]
    assert (long_mm, short_mm, slice_k) == (pytest.approx(1), pytest.approx(1), 4)
