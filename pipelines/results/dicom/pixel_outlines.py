"""A mask on one slice as closed polygons along the edges of its pixels."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt
from scipy.ndimage import label
from scipy.spatial.distance import cdist

FloatArray = npt.NDArray[np.float64]
Vertex = tuple[int, int]

# the edges of a pixel, from corner to corner, with the pixel on the same hand; and the neighbour across each
_EDGES: tuple[tuple[Vertex, Vertex, Vertex], ...] = (
    ((0, 0), (0, 1), (-1, 0)),
    ((0, 1), (1, 1), (0, 1)),
    ((1, 1), (1, 0), (1, 0)),
    ((1, 0), (0, 0), (0, -1)),
)


def pixel_outlines(mask: npt.NDArray[np.bool_]) -> tuple[FloatArray, ...]:
    """Return one closed polygon ``(n, 2)`` as (row, column) for each 4-connected part of a mask ``(j, i)``.

    Pixel centres are integers, so corners are halves: a polygon has the area of its pixels, and a pixel belongs to the
    part if its centre lies within. Only corners are given, the first not again at the end. A hole is joined to the
    outline by a channel of no width along the shortest way ("keyhole", DICOM PS3.3 C.8.8.6.3), so that a reader that
    knows no holes sees it too.
    """
    parts, count = label(mask)
    return tuple(_with_holes(_loops(parts == n)) for n in range(1, count + 1))


def _loops(part: npt.NDArray[np.bool_]) -> list[FloatArray]:
    """Follow all edges of a part: the outline first (largest), then its holes."""
    leaving = _edges(part)
    loops = []
    while leaving:
        start = min(leaving)
        vertex, pixel, loop = start, min(leaving[start]), []
        while True:
            # where two pixels touch at a corner the way goes on along the same one
            chosen = pixel if pixel in leaving[vertex] else min(leaving[vertex])
            loop.append(vertex)
            here, vertex, pixel = vertex, leaving[vertex].pop(chosen), chosen
            if not leaving[here]:
                del leaving[here]
            if vertex == start and not (start in leaving and pixel in leaving[start]):
                break
        loops.append(_corners(np.array(loop, dtype=np.float64) - 0.5))
    return sorted(loops, key=_area, reverse=True)


def _edges(part: npt.NDArray[np.bool_]) -> dict[Vertex, dict[Vertex, Vertex]]:
    """Give the border edges that leave each vertex: the pixel they belong to, and where they end."""
    inside = np.pad(part, 1)
    leaving: dict[Vertex, dict[Vertex, Vertex]] = defaultdict(dict)
    for row, column in np.argwhere(part).tolist():
        for (r, c), (to_r, to_c), (down, right) in _EDGES:
            if not inside[row + 1 + down, column + 1 + right]:
                leaving[row + r, column + c][row, column] = (row + to_r, column + to_c)
    return leaving


def _corners(loop: FloatArray) -> FloatArray:
    """Leave out the vertices on straight edges."""
    before, after = loop - np.roll(loop, 1, axis=0), np.roll(loop, -1, axis=0) - loop
    turns = (before != after).any(axis=1)
    return np.asarray(loop[turns], dtype=np.float64)


def _area(loop: FloatArray) -> float:
    row, column = loop.T
    return abs(float(row @ np.roll(column, -1) - column @ np.roll(row, -1))) / 2


def _with_holes(loops: list[FloatArray]) -> FloatArray:
    """Join the holes to the outline, each from the nearest corner of what is joined already."""
    outline, *holes = loops
    while holes:
        ways = [cdist(outline, hole) for hole in holes]
        n = int(np.argmin([way.min() for way in ways]))
        a, b = np.unravel_index(ways[n].argmin(), ways[n].shape)
        hole = holes.pop(n)
        outline = np.concatenate([outline[: a + 1], np.roll(hole, -b, axis=0), hole[[b]], outline[a:]])
    return outline
