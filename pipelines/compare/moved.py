"""Points under a motion, and whether a scan holds them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...transforms.grid import Grid
from ..records import FloatArray


def moved(points_lps: npt.ArrayLike, motion: FloatArray) -> FloatArray:
    """Apply a 4x4 motion to LPS points ``(..., 3)``."""
    return np.asarray(np.asarray(points_lps, dtype=np.float64) @ motion[:3, :3].T + motion[:3, 3])


def in_scan(points_lps: FloatArray, scan: Grid) -> npt.NDArray[np.bool_]:
    """Say of LPS points ``(n, 3)`` which lie within the outer faces of a scan's voxels, ``(n,)``."""
    ijk = scan.to_ijk(points_lps)
    return np.asarray(((ijk >= -0.5) & (ijk <= np.array(scan.shape_kji[::-1]) - 0.5)).all(axis=1))
