"""Where a volume begins and ends in the patient."""

from __future__ import annotations

import numpy as np

from ..records import FloatArray, Volume


def corners_lps(volume: Volume) -> tuple[FloatArray, FloatArray]:
    """Return the lowest and highest LPS mm of the voxels' centres."""
    last = np.array(volume.hu.shape[::-1]) - 1
    ends = np.array(list(np.ndindex(2, 2, 2))) * last
    places = ends @ volume.affine_lps[:3, :3].T + volume.affine_lps[:3, 3]
    return places.min(axis=0), places.max(axis=0)
