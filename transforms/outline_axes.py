"""Axes of one closed outline in a slice."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from .grid import FloatArray

# lines across the long axis on which the short axis is looked for; they lie 0.5 % of the long axis apart
_LINES = 201

Line = tuple[tuple[float, float], tuple[float, float]]
"""Two points (i, j) of a slice, in voxels."""


def longest_pair(outline: FloatArray) -> tuple[int, int, float]:
    """Return the two points of ``(n, 2)`` that are farthest apart, by number, and their distance."""
    distances = cdist(outline, outline)
    a, b = np.unravel_index(distances.argmax(), distances.shape)
    return int(a), int(b), float(distances[a, b])


def widest_across(outline: FloatArray, long_axis: FloatArray) -> FloatArray:
    """Return the ends of the longest line across a long axis ``(2, 2)`` within a closed outline ``(n, 2)``.

    Not finite where the outline is too small for any of the lines to meet it.
    """
    origin = long_axis[0]
    length = float(np.linalg.norm(long_axis[1] - origin))
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


def as_line(points_ij: FloatArray) -> Line:
    """Return two points ``(2, 2)`` as plain numbers."""
    (a, b), (c, d) = points_ij.tolist()
    return (a, b), (c, d)
