"""Places of a patch in mm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..lidc_nodules import LidcRecord


def place_mm(record: LidcRecord, kji: Sequence[float] | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Map voxels (k, j, i) of a patch to mm (x, y, z) from the middle of its first voxel, as :func:`surroundings`."""
    return np.asarray(np.asarray(kji, dtype=np.float64)[::-1] * record.spacing_mm)
