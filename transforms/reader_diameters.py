"""The axes of an outline, as long as readers would measure them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.measure import find_contours, points_in_poly

from .candidate_masks import OUTLINE, CandidateMask
from .diameters import Diameters, axial_diameters
from .grid import FloatArray
from .outline_axes import as_line, longest_pair, widest_across

Plane = npt.NDArray[np.float32]

_RING = np.ones((3, 3), bool)
_SAME = 1e-6
"""Voxels: ends of an axis are points of the line it was measured on, but for rounding."""


def reader_diameters(
    mask: CandidateMask, spacing_mm: tuple[float, float, float], *, plain_up_to_mm: float | None
) -> Diameters:
    """Measure a candidate (:func:`.axial_diameters`), the long axis of a large one further out than its outline.

    A probable outline is the mean of those that may be drawn, and smoother: its volume and its short axis are theirs,
    but spurs are gone, and its longest diameter is shorter, the more so the longer the outline. Where the long axis
    exceeds ``plain_up_to_mm`` it is therefore taken, in the same slice, on the line around the outline where the
    probability is 0.5 times the ratio of the two lengths, or where the ring of voxels next to the outline ends. The
    short axis is the longest line across it from outline to outline. The limit is fitted once per set of weights; None:
    every axis is taken on the outline.
    """
    plain = axial_diameters(mask, spacing_mm)
    if plain_up_to_mm is None or plain.long_axis_mm <= plain_up_to_mm:
        return plain
    start_k, *start_ji = mask.start_kji
    plane, offset_ij = mask.probability[plain.slice_k - start_k], np.array(start_ji[::-1])
    ends = np.array(plain.long_axis_ij) - offset_ij
    outline = _line_around(plane, OUTLINE, ends)
    further = _line_around(_ringed(plane), OUTLINE * plain_up_to_mm / plain.long_axis_mm, ends)
    if outline is None or further is None:
        return plain
    spacing_ij = np.array(spacing_mm[:2])
    a, b, long_mm = longest_pair(further * spacing_ij)
    across_mm = widest_across(outline * spacing_ij, further[[a, b]] * spacing_ij)
    if not np.isfinite(across_mm).all():
        return plain
    short_mm = float(np.linalg.norm(across_mm[1] - across_mm[0]))
    long_ij, short_ij = (as_line(points + offset_ij) for points in (further[[a, b]], across_mm / spacing_ij))
    return Diameters(long_mm, short_mm, plain.slice_k, long_ij, short_ij)


def _ringed(plane: Plane) -> Plane:
    """Leave out what is not next to the outline in this slice: the ring of its neighbours reaches further."""
    return np.where(ndimage.binary_dilation(plane >= OUTLINE, _RING), plane, np.float32(0))


def _line_around(plane: Plane, level: float, ends_ij: FloatArray) -> FloatArray | None:
    """Return the closed line ``(n, 2)``, as (i, j), at this level that holds the ends, or touches them."""
    lines = [line_ji[:, ::-1] for line_ji in find_contours(plane, level)]
    touching = [line for line in lines if all(np.abs(line - end).sum(axis=1).min() < _SAME for end in ends_ij)]
    around = [line for line in lines if points_in_poly(ends_ij, line).all()]
    return max(touching or around, key=lambda line: longest_pair(line)[2], default=None)
