"""Masks and counts on the samples of a coarse view."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Mask = npt.NDArray[np.bool_]
F64 = npt.NDArray[np.float64]
Counts = npt.NDArray[np.integer]


def reached(mask: Mask, axis: int) -> tuple[Mask, Mask]:
    """Return the voxels at or behind the first of the mask along ``axis``, and at or before the last."""
    after = np.logical_or.accumulate(mask, axis=axis)
    before = np.flip(np.logical_or.accumulate(np.flip(mask, axis), axis=axis), axis)
    return after, before


def large_parts(mask: Mask, share: float) -> Mask:
    """Keep the connected parts of the mask with at least this share of the largest."""
    labels, _ = ndimage.label(mask)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    large = sizes >= max(share * sizes.max(), 1)
    return np.asarray(large[labels])


def mean_of(counts: Counts, values: F64) -> float:
    """Mean of ``values`` with these counts; 0 where nothing is counted."""
    return float((counts * values).sum() / max(int(counts.sum()), 1))


def limits(counts: Counts, places: F64) -> tuple[float, float]:
    """Return the places below which 1 % and 99 % of the counts lie."""
    share = np.cumsum(counts) / counts.sum()
    low, high = np.searchsorted(share, (0.01, 0.99))
    return float(places[low]), float(places[high])


def right_surplus(mask: Mask, left: Mask) -> float:
    """(right - left) / both of a mask ``(k, j, i)``, with ``left`` ``(i,)`` the columns of the patient's left."""
    total, on_left = int(mask.sum()), int(mask[:, :, left].sum())
    return (total - 2 * on_left) / max(total, 1)
