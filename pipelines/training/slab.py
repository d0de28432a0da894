"""A nodule among its own surroundings: the slices of a patch, continued above and below without it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ...transforms.targets import Lesion
from .lidc_nodules import LidcRecord, zoom
from .nodule import F32

_SPACING_MM = 1.0
_NEAR_MM = 8.0
"""Around a nodule of a scan that may hold others, so far nothing else is taken for one."""
_LARGEST_NODULE_MM = 37.0
"""Structures narrower than this are taken out of the continued slices; chest wall and heart are wider."""


@dataclass(frozen=True, eq=False)
class Slab:
    """Slices of a patch on a 1 mm grid ``(k, j, i)``; ``first`` and ``last`` ``(j, i)`` continue it at its ends.

    ``votes`` is the share of a voxel that lies in the readers' majority, None if nobody outlined the nodule;
    ``centre_kji`` and ``edges`` are its box in voxels, edges None where only a point is known.
    """

    hu: npt.NDArray[np.int16]
    votes: F32 | None
    first: F32
    last: F32
    centre_kji: npt.NDArray[np.float64]
    edges: npt.NDArray[np.float64] | None
    key: str
    unknown: npt.NDArray[np.bool_] | None = None


def to_slab(record: LidcRecord) -> Slab:
    """Resample a whole patch to 1 mm."""
    spacing_kji = np.array(record.spacing_mm[::-1])
    k, j, i = (float(s) / _SPACING_MM for s in spacing_kji)
    hu, (centre, edges) = zoom(record.hu, (k, j, i)), record.place
    first, last = beyond(hu[0], _SPACING_MM), beyond(hu[-1], _SPACING_MM)
    return Slab(
        hu=np.rint(hu).astype(np.int16),
        votes=zoom(record.majority, (k, j, i)) if record.outlined else None,
        first=first,
        last=last,
        centre_kji=(centre + 0.5) * spacing_kji / _SPACING_MM - 0.5,
        edges=None if edges is None else edges * spacing_kji / _SPACING_MM,
        key=record.key,
        unknown=_unknown(record, (k, j, i)),
    )


def _unknown(record: LidcRecord, factors: tuple[float, float, float]) -> npt.NDArray[np.bool_] | None:
    """Other nodules and places without a verdict; of a scan whose nodules are not all known, all but near this one."""
    if not record.complete:
        centre, edges = record.place
        spacing_kji = np.array(record.spacing_mm[::-1])
        reach_mm = _NEAR_MM if edges is None else float((edges * spacing_kji).max()) / 2 + _NEAR_MM
        axes = np.ogrid[tuple(slice(0, n) for n in record.hu.shape)]
        far = sum(((a - c) * s) ** 2 for a, c, s in zip(axes, centre, spacing_kji, strict=True)) > reach_mm**2
        unknown = far if record.others is None else far | (record.others > 0)
        return np.asarray(zoom(unknown, factors) >= 0.5)
    if record.others is None or not record.others.any():
        return None
    return np.asarray(zoom(record.others > 0, factors) >= 0.5)


def beyond(end: npt.NDArray[np.generic], spacing_mm: float) -> F32:
    """Make the slice that continues a patch beyond its end slice ``(j, i)``.

    A patch holds only the slices of its nodule. A grey opening of the end slice keeps what is wide and takes out
    nodules and vessels, so no outline is needed to make it.
    """
    size = round(_LARGEST_NODULE_MM / spacing_mm)
    return np.asarray(ndimage.grey_opening(end.astype(np.float32), size=size, mode="nearest"), dtype=np.float32)


def known_in(slab: Slab, edge: int, start_kji: tuple[int, int, int]) -> npt.NDArray[np.bool_]:
    """Voxels of the cube of :func:`embed` of which is known whether they are nodule."""
    known = np.ones((edge, edge, edge), bool)
    if slab.unknown is None:
        return known
    here = tuple(slice(max(0, s), max(0, min(edge, s + n))) for s, n in zip(start_kji, slab.unknown.shape, strict=True))
    there = tuple(slice(h.start - s, h.stop - s) for h, s in zip(here, start_kji, strict=True))
    known[here] = ~slab.unknown[there]
    return known


def embed(slab: Slab, edge: int, start_kji: tuple[int, int, int]) -> tuple[F32, Lesion]:
    """Lay the slab into a cube, its first voxel at ``start_kji`` (may be negative in-plane), and continue it.

    Returns HU ``(edge, edge, edge)`` and the nodule with the readers' majority mask. In-plane, what the patch does not
    cover repeats its border.
    """
    k, j, i = start_kji
    rows = np.clip(np.arange(edge) - j, 0, slab.hu.shape[1] - 1)
    columns = np.clip(np.arange(edge) - i, 0, slab.hu.shape[2] - 1)
    plane = np.ix_(rows, columns)
    hu = np.empty((edge, edge, edge), np.float32)
    hu[: max(0, k)], hu[max(0, k) :] = slab.first[plane], slab.last[plane]
    mask = None if slab.votes is None else np.zeros(hu.shape, bool)
    covered = (rows == np.arange(edge) - j)[:, None] & (columns == np.arange(edge) - i)[None]
    for n in range(max(0, k), min(edge, k + slab.hu.shape[0])):
        hu[n] = slab.hu[n - k][plane]
        if mask is not None and slab.votes is not None:
            mask[n] = (slab.votes[n - k][plane] >= 0.5) & covered
    z, y, x = (float(v) for v in slab.centre_kji + np.array(start_kji))
    edges = None if slab.edges is None else (float(slab.edges[0]), float(slab.edges[1]), float(slab.edges[2]))
    return hu, Lesion(mask, centre_kji=(z, y, x), edges=edges)
