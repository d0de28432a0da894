"""One nodule with its surroundings, as a patch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...transforms.grid import Grid
from ..ingest.ingest_error import IngestError
from .data_list import NoduleLabel
from .labelled_volume import LabelledVolume, ellipsoid, nodule_voxels
from .nodule_mask import NoduleMask

OTHER, EXCLUDED = 1, 2


@dataclass(frozen=True, eq=False)
class CutPatch:
    """Native voxels ``(k, j, i)`` around one nodule.

    hu : int16, as in the scan.
    readers : uint8, bit q where reader q outlined this nodule; all 0 where nobody did.
    others : uint8, 1 in the other nodules of the scan (their outline, else their box), 2 in excluded places.
    grid : where the patch stands.
    """

    hu: npt.NDArray[np.int16]
    readers: npt.NDArray[np.uint8]
    others: npt.NDArray[np.uint8]
    grid: Grid


def cut_patch(volume: LabelledVolume, nodule: NoduleLabel, *, context_mm: float, width_mm: float) -> CutPatch:
    """Cut a nodule out with ``context_mm`` around it on all sides, at least ``width_mm`` wide in plane.

    A patch ends where the scan ends: nothing is made up. In plane it is moved inwards instead.

    Raises
    ------
    IngestError
        ``E_LABEL_VALUE`` where the nodule's centre lies outside of the scan.
    """
    own = nodule_voxels(volume, nodule)
    filled = np.argwhere(own.bits)
    if not len(filled):
        raise IngestError("E_LABEL_VALUE", f"({nodule.nodule_id} lies outside of the image)")
    first, last = filled.min(axis=0) + own.start_kji, filled.max(axis=0) + own.start_kji
    start, stop = _window(first, last, volume.grid, context_mm, width_mm)
    shape = tuple(int(n) for n in stop - start)
    readers, others = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    for place in volume.scan.excluded:
        ball = ellipsoid(volume.grid, place.centre_lps_mm, (place.diameter_mm,) * 3)
        others[lay(ball, start, shape)] = EXCLUDED
    for each in volume.scan.nodules:
        if each.nodule_id != nodule.nodule_id:
            others[lay(nodule_voxels(volume, each), start, shape)] = OTHER
    if nodule.nodule_id in volume.masks:
        placed = _placed(own, start, shape)
        readers |= placed
        others[placed > 0] = 0
    block = tuple(slice(a, b) for a, b in zip(start, stop, strict=True))
    k, j, i = shape
    return CutPatch(volume.hu[block].copy(), readers, others, volume.grid.crop([int(n) for n in start], (k, j, i)))


def lay(mask: NoduleMask, start: npt.ArrayLike, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return where a mask is set, in a block of the grid that begins at ``start``."""
    return np.asarray(_placed(mask, np.asarray(start), shape) > 0)


def _placed(mask: NoduleMask, start: npt.NDArray[np.int_], shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    placed = np.zeros(shape, np.uint8)
    offset = np.array(mask.start_kji) - start
    low = np.clip(offset, 0, shape)
    high = np.clip(offset + mask.bits.shape, low, shape)
    there = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    placed[there] = mask.bits[tuple(slice(a, b) for a, b in zip(low - offset, high - offset, strict=True))]
    return placed


def _window(
    first: npt.NDArray[np.int_], last: npt.NDArray[np.int_], grid: Grid, context_mm: float, width_mm: float
) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.int_]]:
    spacing, size = np.array(grid.spacing_mm[::-1]), np.array(grid.shape_kji)
    margin = np.ceil(context_mm / spacing - 1e-6).astype(int)
    low, high = first - margin, last + 1 + margin
    missing = np.maximum(np.ceil(width_mm / spacing - 1e-6).astype(int) - (high - low), 0) * (0, 1, 1)
    low, high = low - missing // 2, high + missing - missing // 2
    inward = np.clip(-low, 0, None) - np.clip(high - size, 0, None)
    inward[0] = 0
    return np.clip(low + inward, 0, size), np.clip(high + inward, 0, size)
