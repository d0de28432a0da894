"""What the header of a volume file says, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

DEFLATE_MAX_RATIO = 1032  # of deflate by its construction: a file cannot hold more than so many times its size


@dataclass(frozen=True, eq=False)
class VolumeHeader:
    """A volume file before its voxels are read.

    ``shape`` is as stored (any number of axes); ``components`` counts values per voxel; ``affine_lps`` is None where
    the file does not say where it stands; ``missing_bytes`` counts what the file lacks of its voxels, as far as the
    header can tell; ``codes`` are warnings.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    components: int
    affine_lps: npt.NDArray[np.float64] | None
    missing_bytes: int = 0
    codes: tuple[str, ...] = ()
