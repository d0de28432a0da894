"""The part of an array that holds something."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..records import Index


def tight_part(start_kji: Index, voxels: npt.NDArray[np.bool_]) -> tuple[Index, npt.NDArray[np.bool_]] | None:
    """Cut away what is empty around voxels ``(k, j, i)`` that start there in the image; None where all is."""
    filled = np.argwhere(voxels)
    if not len(filled):
        return None
    low, high = filled.min(axis=0), filled.max(axis=0) + 1
    k, j, i = (int(a + b) for a, b in zip(start_kji, low, strict=True))
    return (k, j, i), voxels[tuple(slice(a, b) for a, b in zip(low, high, strict=True))].copy()
