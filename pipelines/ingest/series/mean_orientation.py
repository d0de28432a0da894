"""Directions of the image axes from the ImageOrientationPatient of many slices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def mean_orientation(orientations: Sequence[Sequence[float]]) -> FloatArray:
    """Give the orthonormal 3x3 matrix nearest to the mean of the orientations (DICOM PS3.3 C.7.6.2.1.1).

    Its columns are the directions of growing column index i, of growing row index j, and their cross product.
    """
    row_cosine, column_cosine = np.mean(np.asarray(orientations, dtype=np.float64).reshape(-1, 2, 3), axis=0)
    if abs(row_cosine @ column_cosine) < 1e-9:  # already at right angles: only unit length is left to do
        axes = np.stack([row_cosine / np.linalg.norm(row_cosine), column_cosine / np.linalg.norm(column_cosine)], 1)
    else:
        left, _, right = np.linalg.svd(np.stack([row_cosine, column_cosine], axis=1), full_matrices=False)
        axes = left @ right
    return np.column_stack([axes, np.cross(axes[:, 0], axes[:, 1])])
