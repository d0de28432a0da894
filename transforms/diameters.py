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


class Diameters(NamedTuple):
    """Long and short axis (mm) and the slice of the model grid they were taken in."""

    long_axis_mm: float
    short_axis_mm: float
    slice_k: int


def axial_diameters(mask: CandidateMask, spacing_mm: tuple[float, float, float]) -> Diameters:
    """Measure a candidate as RECIST does: the longest axial diameter, and the longest one perpendicular to it.

    The outline of each slice of the model grid is drawn between the voxels, where the probability is 0.5. The long
    axis is the longest distance between two of its points over all slices; the short axis is the longest line across
    it, from outline to outline, in the same slice. ``spacing_mm`` is that of the model grid, as (i, j, k).

    Source: Eisenhauer et al., RECIST 1.1, Eur J Cancer 45 (2009) 228-247.
    """
    best = Diameters(0.0, 0.0, mask.start_kji[0])
    longest_outline: FloatArray | None = None
    for k, plane in enumerate(mask.probability):
        for outline_ji in find_contours(plane, OUTLINE):
            outline_mm = outline_ji[:, ::-1] * np.array(spacing_mm[:2])
            length = float(_longest(outline_mm)[2])
            if length > best.long_axis_mm:
                best, longest_outline = Diameters(length, 0.0, mask.start_kji[0] + k), outline_mm
    if longest_outline is None:
        return best
    return best._replace(short_axis_mm=_widest_across(longest_outline))


def _longest(outline: FloatArray) -> tuple[int, int, float]:
    distances = cdist(outline, outline)
    a, b = np.unravel_index(distances.argmax(), distances.shape)
    return int(a), int(b), float(distances[a, b])


def _widest_across(outline: FloatArray) -> float:
    """Longest line perpendicular to the long axis between two points of a closed outline ``(n, 2)``."""
    a, b, length = _longest(outline)
    direction = (outline[b] - outline[a]) / length
    along = (outline - outline[a]) @ direction
    across = (outline - outline[a]) @ np.array([-direction[1], direction[0]])
    lines = np.linspace(0, length, _LINES)[:, None]
    rise = np.diff(along)
    edges = rise != 0
    part = (lines - along[:-1][edges]) / rise[edges]
    height = across[:-1][edges] + part * np.diff(across)[edges]
    crossed = (part >= 0) & (part <= 1)
    highest = np.where(crossed, height, -np.inf).max(axis=1)
    lowest = np.where(crossed, height, np.inf).min(axis=1)
    return float((highest - lowest)[crossed.any(axis=1)].max())
