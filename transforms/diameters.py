"""Long and short axis of a nodule in its axial slices."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from skimage.measure import find_contours

from .candidate_masks import OUTLINE, CandidateMask
from .outline_axes import Line, as_line, longest_pair, widest_across


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
            if (here := longest_pair(outline_mm)[2]) > length:
                length, slice_k, longest = here, k, outline_mm
    a, b, _ = longest_pair(longest)
    ends = longest[[a, b]]
    across = widest_across(longest, ends) if length > 0 else ends
    short_mm = float(np.linalg.norm(across[1] - across[0]))
    long_ij, short_ij = (as_line(points / spacing_ij + (start_i, start_j)) for points in (ends, across))
    return Diameters(length, short_mm, start_k + slice_k, long_ij, short_ij)
