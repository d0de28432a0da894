"""What several readers outlined, in one mask."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..records import Index
from .nodule_mask import NoduleMask


def readers_mask(outlines: Sequence[tuple[int, Index, npt.NDArray[np.bool_]]]) -> NoduleMask:
    """Lay outlines together: bit q is set where reader q outlined a voxel.

    Parameters
    ----------
    outlines : reader (0 to 7), where in the image the voxels start, and the voxels ``(k, j, i)``; at least one. What
        one reader outlined in parts adds up.
    """
    low = np.min([start for _, start, _ in outlines], axis=0)
    high = np.max([np.add(start, voxels.shape) for _, start, voxels in outlines], axis=0)
    bits = np.zeros(tuple(high - low), np.uint8)
    for reader, start, voxels in outlines:
        offset = np.array(start) - low
        there = tuple(slice(a, a + n) for a, n in zip(offset, voxels.shape, strict=True))
        bits[there] |= np.where(voxels, np.uint8(1 << reader), np.uint8(0))
    k, j, i = (int(value) for value in low)
    return NoduleMask((k, j, i), bits)
