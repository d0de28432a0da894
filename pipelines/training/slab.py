"""A nodule among its own surroundings: the slices of a patch, continued above and below without it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from .lidc_nodules import SPACING_MM, LidcRecord, attributes_of, scores_of, zoom
from .nodule import F32

_LARGEST_NODULE_MM = 37
"""Structures narrower than this are taken out of the continued slices; chest wall and heart are wider."""


@dataclass(frozen=True, eq=False)
class Slab:
    """Slices of a patch on a 1 mm grid ``(k, j, i)``; ``first`` and ``last`` ``(j, i)`` continue it at its ends.

    A patch holds only the slices of its nodule. What lies beyond is made from the end slices by a grey opening, which
    keeps what is wide and takes out nodules and vessels, so no outline is needed to make it.
    """

    hu: npt.NDArray[np.int16]
    votes: F32
    first: F32
    last: F32
    scores: F32 | None
    attributes: F32 | None
    key: str


def to_slab(record: LidcRecord) -> Slab:
    """Resample a whole patch to 1 mm."""
    x, y, z = record.spacing_mm
    factors = (z / SPACING_MM, y / SPACING_MM, x / SPACING_MM)
    hu, votes = zoom(record.hu, factors), zoom(record.votes, factors)
    first, last = (ndimage.grey_opening(end, size=_LARGEST_NODULE_MM, mode="nearest") for end in (hu[0], hu[-1]))
    stored = np.rint(hu).astype(np.int16)
    return Slab(stored, votes, first, last, scores_of(record), attributes_of(record), record.key)


def embed(slab: Slab, edge: int, start_kji: tuple[int, int, int]) -> tuple[F32, npt.NDArray[np.bool_]]:
    """Lay the slab into a cube, its first voxel at ``start_kji`` (may be negative in-plane), and continue it.

    Returns HU and the readers' majority mask, both ``(edge, edge, edge)``. In-plane, what the patch does not cover
    repeats its border.
    """
    k, j, i = start_kji
    rows = np.clip(np.arange(edge) - j, 0, slab.hu.shape[1] - 1)
    columns = np.clip(np.arange(edge) - i, 0, slab.hu.shape[2] - 1)
    plane = np.ix_(rows, columns)
    hu = np.empty((edge, edge, edge), np.float32)
    hu[: max(0, k)], hu[max(0, k) :] = slab.first[plane], slab.last[plane]
    mask = np.zeros(hu.shape, bool)
    low, high = max(0, k), min(edge, k + slab.hu.shape[0])
    covered = (rows == np.arange(edge) - j)[:, None] & (columns == np.arange(edge) - i)[None]
    for n in range(low, high):
        hu[n] = slab.hu[n - k][plane]
        mask[n] = (slab.votes[n - k][plane] >= 0.5) & covered
    return hu, mask
