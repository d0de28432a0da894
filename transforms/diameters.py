"""Long and short axis of a nodule in its axial slices."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
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


def axial_diameters(mask: CandidateMask, spacing_mm: tuple[float, float, float]) -> Diameters:
    """Measure a candidate as RECIST does: the longest axial diameter, and the longest one perpendicular to it.

    The outline of each slice of the model grid is drawn between the voxels, where the probability is 0.5. The long
    axis is the longest distance between two of its points over all slices; the short axis is the longest line across
    it, from outline to outline, in the same slice. ``spacing_mm`` is that of the model grid, as (i, j, k).

    Source: Eisenhauer et al., RECIST 1.1, Eur J Cancer 45 (2009) 228-247.
    """
    spacing_ij, (start_k, start_j, start_i) = np.array(spacing_mm[:2]), mask.start_kji
    length, slice_k, longest = 0.0, 0, np.zeros((1, 2))
    for k, plane in enumerate(mask.probability):
        for outline_ji in find_contours(plane, OUTLINE):
            outline_mm = outline_ji[:, ::-1] * spacing_ij
            if (here := _longest(outline_mm)[2]) > length:
                length, slice_k, longest = here, k, outline_mm
    a, b, _ = _longest(longest)
    ends = longest[[a, b]]
    across = _widest_across(longest) if length > 0 else ends
    short_mm = float(np.linalg.norm(across[1] - across[0]))
    long_ij, short_ij = (_line(points / spacing_ij + (start_i, start_j)) for points in (ends, across))
    return Diameters(length, short_mm, start_k + slice_k, long_ij, short_ij)


def _longest(outline: FloatArray) -> tuple[int, int, float]:
    distances = cdist(outline, outline)
    a, b = np.unravel_index(distances.argmax(), distances.shape)
    return int(a), int(b), float(distances[a, b])


def _widest_across(outline: FloatArray) -> FloatArray:
    """Return the ends of the longest line across the long axis of a closed outline ``(n, 2)``."""
    a, b, length = _longest(outline)
    direction = (outline[b] - outline[a]) / length
    normal = np.array([-direction[1], direction[0]])
    along, across = (outline - outline[a]) @ direction, (outline - outline[a]) @ normal
    lines = np.linspace(0, length, _LINES)[:, None]
    rise = np.diff(along)
    edges = rise != 0
    part = (lines - along[:-1][edges]) / rise[edges]
    height = across[:-1][edges] + part * np.diff(across)[edges]
    crossed = (part >= 0) & (part <= 1)
    highest = np.where(crossed, height, -np.inf).max(axis=1)
    lowest = np.where(crossed, height, np.inf).min(axis=1)
    n = int(np.where(crossed.any(axis=1), highest - lowest, -np.inf).argmax())
    ends: FloatArray = outline[a] + lines[n] * direction + np.array([[lowest[n]], [highest[n]]]) * normal
    return ends


def _line(points_ij: FloatArray) -> Line:
    (a, b), (c, d) = points_ij.tolist()
    return (a, b), (c, d)
