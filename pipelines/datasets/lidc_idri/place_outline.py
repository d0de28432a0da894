"""A reader's outline on the voxels of the CT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...records import Index
from .fill_contour import Filled, fill_contour
from .reading import Outline
from .slice_index import SliceIndex

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PlacedOutline:
    """``inside`` and ``reach`` (the inside, its holes and the contours; bool ``(k, j, i)``) at ``start_kji``.

    ``n_lost`` of the reader's contours do not lie in the image; ``gaps`` are slices between the first and the last
    contour that have none.
    """

    reader: int
    ratings: Mapping[str, int]
    start_kji: Index
    inside: Mask
    reach: Mask
    n_lost: int
    gaps: int


def place_outline(outline: Outline, slices: SliceIndex) -> PlacedOutline | None:
    """Fill the contours of a reader; None where none of them is in the image.

    Contours of one slice add up, then holes are cut; a hole's own contour goes with it.
    """
    found = [(slices.find(c.sop_uid, c.z_mm) if slices.holds(c.points_ij) else None, c) for c in outline.contours]
    filled = [(k, contour.included, fill_contour(contour.points_ij)) for k, contour in found if k is not None]
    if not filled:
        return None
    low, high = _bounds(filled)
    inside, holes, reach = (np.zeros(tuple(high - low), bool) for _ in range(3))
    for k, included, one in filled:
        there = _place(k, one, low)
        reach[there] |= one.inside | one.edge
        if included:
            inside[there] |= one.inside
        else:
            holes[there] |= one.inside | one.edge
    with_contour = {k for k, included, _ in filled if included}
    gaps = max(with_contour) - min(with_contour) + 1 - len(with_contour) if with_contour else 0
    k, j, i = (int(value) for value in low)
    lost = len(found) - len(filled)
    return PlacedOutline(outline.reader, outline.ratings, (k, j, i), inside & ~holes, reach, lost, gaps)


def _bounds(filled: list[tuple[int, bool, Filled]]) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.int_]]:
    starts = np.array([(k, *one.start_ji) for k, _, one in filled])
    stops = np.array([(k + 1, *np.add(one.start_ji, one.edge.shape)) for k, _, one in filled])
    return starts.min(axis=0), stops.max(axis=0)


def _place(k: int, one: Filled, low: npt.NDArray[np.int_]) -> tuple[int, slice, slice]:
    j, i = np.array(one.start_ji) - low[1:]
    rows, columns = one.edge.shape
    return int(k - low[0]), slice(j, j + rows), slice(i, i + columns)
