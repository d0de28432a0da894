"""The linear-in-world phantom: every voxel's value says where it stands."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

HU_PER_MM = (2.0, 3.0, 7.0)  # along x, y, z (LPS): different primes, so that no swap or flip goes unseen
HU_AT_ORIGIN = 200.0


def linear_phantom(shape_kji: tuple[int, int, int], affine_lps: FloatArray) -> npt.NDArray[np.int16]:
    """Give a volume of value 2x + 3y + 7z + 200 HU (LPS mm), rounded to whole numbers.

    A reader is right where the values it gives are those of its own affine: order, flip, spacing, shear, rescale and
    transposition all show.

    Parameters
    ----------
    shape_kji
        Slices, rows, columns.
    affine_lps
        4x4, voxel (i, j, k) to LPS mm.

    Returns
    -------
    array of int16, ``(k, j, i)``

    Raises
    ------
    ValueError
        A value falls outside of -1024 to 31743 HU: choose a grid nearer to the origin.
    """
    k, j, i = np.indices(shape_kji, dtype=np.float64)
    slopes = np.asarray(HU_PER_MM) @ affine_lps[:3, :3]
    start = float(np.asarray(HU_PER_MM) @ affine_lps[:3, 3]) + HU_AT_ORIGIN
    values = np.rint(slopes[0] * i + slopes[1] * j + slopes[2] * k + start)
    if values.min() < -1024 or values.max() > 31743:
        raise ValueError(
            f"values {values.min():g} to {values.max():g} HU do not fit; choose a grid nearer to the origin"
        )
    return np.asarray(values, np.int16)
