"""Long and short axis of a nodule in its axial slices."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist
from skimage.measure import find_contours

from .candidate_masks import OUTLINE, CandidateMask
from .grid import FloatArray

# lines across the long axis on which the short axis is looked for; they lie 0.5 % of the long axis apart
_LINES = 201


Line = tuple[tuple[float, float], tuple[float, float]]
"""Two points (i, j) of a slice, in voxels."""


class Diameters(NamedTuple):
    """Long and short axis: lengths (mm), the slice of the model grid they were taken in, and their ends there."""

    long_axis_mm: float
    short_axis_mm: float
    slice_k: int
    long_axis_ij: Line
    short_axis_ij: Line


def axial_diameters(
    mask: CandidateMask, spacing_mm: tuple[float, float, float], *, long_axis_level: float = OUTLINE
) -> Diameters:
    """Measure a candidate as RECIST does: the longest axial diameter, and the longest one perpendicular to it.

    The outline of each slice of the model grid is drawn between the voxels, where the probability is 0.5. The long
    axis is the longest distance between two of its points over all slices, or between two points where the probability
    is ``long_axis_level``, 0.5 or less; the short axis is the longest line across it, from outline to outline, in the
    same slice. ``spacing_mm`` is that of the model grid, as (i, j, k).

    Source: Eisenhauer et al., RECIST 1.1, Eur J Cancer 45 (2009) 228-247.
    """
    spacing_ij, (start_k, start_j, start_i) = np.array(spacing_mm[:2]), mask.start_kji
    length, slice_k, ends = 0.0, 0, np.zeros((2, 2))
    for k, plane in enumerate(mask.probability):
        if plane.max() > OUTLINE:
            axis = _long_axis(plane, long_axis_level, spacing_ij)
            if (here := _length(axis)) > length:
                length, slice_k, ends = here, k, axis
    across = _widest_across(_outline(mask.probability[slice_k], OUTLINE, spacing_ij), ends) if length > 0 else ends
    long_ij, short_ij = (_line(points / spacing_ij + (start_i, start_j)) for points in (ends, across))
    return Diameters(length, _length(across), start_k + slice_k, long_ij, short_ij)


def _long_axis(plane: npt.NDArray[np.float32], level: float, spacing_ij: FloatArray) -> FloatArray:
    outline = _outline(plane, level, spacing_ij)
    a, b, _ = _longest(outline)
    return outline[[a, b]]


def _outline(plane: npt.NDArray[np.float32], level: float, spacing_ij: FloatArray) -> FloatArray:
    """Return the longest closed line ``(n, 2)`` of a slice on which the probability has this level, as (i, j) in mm."""
    outlines = [line_ji[:, ::-1] * spacing_ij for line_ji in find_contours(plane, level)]
    return max(outlines, key=lambda outline: _longest(outline)[2])


def _length(ends: FloatArray) -> float:
    return float(np.linalg.norm(ends[1] - ends[0]))


def _longest(outline: FloatArray) -> tuple[int, int, float]:
    distances = cdist(outline, outline)
    a, b = np.unravel_index(distances.argmax(), distances.shape)
    return int(a), int(b), float(distances[a, b])


def _widest_across(outline: FloatArray, long_axis: FloatArray) -> FloatArray:
    """Return the ends of the longest line across the long axis ``(2, 2)`` of a closed outline ``(n, 2)``."""
    origin, length = long_axis[0], _length(long_axis)
    direction = (long_axis[1] - origin) / length
    normal = np.array([-direction[1], direction[0]])
    along, across = (outline - origin) @ direction, (outline - origin) @ normal
    lines = np.linspace(0, length, _LINES)[:, None]
    rise = np.diff(along)
    edges = rise != 0
    part = (lines - along[:-1][edges]) / rise[edges]
    height = across[:-1][edges] + part * np.diff(across)[edges]
    crossed = (part >= 0) & (part <= 1)
    highest = np.where(crossed, height, -np.inf).max(axis=1)
    lowest = np.where(crossed, height, np.inf).min(axis=1)
    n = int(np.where(crossed.any(axis=1), highest - lowest, -np.inf).argmax())
    ends: FloatArray = origin + lines[n] * direction + np.array([[lowest[n]], [highest[n]]]) * normal
    return ends


def _line(points_ij: FloatArray) -> Line:
    (a, b), (c, d) = points_ij.tolist()
    return (a, b), (c, d)
