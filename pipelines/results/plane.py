"""Planes cut through a volume along the patient's axes, however its voxels lie."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.ndimage import map_coordinates

FloatArray = npt.NDArray[np.float64]


class Plane(NamedTuple):
    """A view: where its right and lower edge point (LPS), and the letters on its four edges."""

    name: str
    right: tuple[float, float, float]
    down: tuple[float, float, float]
    letters: str  # left, right, top, bottom


AXIAL = Plane("axial", (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), "RLAP")
CORONAL = Plane("coronal", (1.0, 0.0, 0.0), (0.0, 0.0, -1.0), "RLHF")
SAGITTAL = Plane("sagittal", (0.0, 1.0, 0.0), (0.0, 0.0, -1.0), "APHF")


def plane_points(plane: Plane, centre_lps: npt.ArrayLike, mm_per_px: float, width: int, height: int) -> FloatArray:
    """Return the LPS mm of every pixel ``(height, width, 3)`` of a view with ``centre_lps`` in its middle."""
    across = (np.arange(width) - (width - 1) / 2) * mm_per_px
    along = (np.arange(height) - (height - 1) / 2) * mm_per_px
    centre = np.asarray(centre_lps, dtype=np.float64)
    return np.asarray(centre + across[None, :, None] * plane.right + along[:, None, None] * np.array(plane.down))


def sample(
    array: npt.NDArray[np.generic], affine_lps: FloatArray, points_lps: FloatArray, *, outside: float
) -> FloatArray:
    """Interpolate ``array`` ``(k, j, i)`` linearly at LPS points ``(..., 3)``; ``outside`` where there is no voxel."""
    inverse = np.linalg.inv(affine_lps)
    ijk = points_lps @ inverse[:3, :3].T + inverse[:3, 3]
    kji = np.moveaxis(ijk[..., ::-1], -1, 0)
    result = map_coordinates(array, kji, output=np.float64, order=1, mode="nearest", prefilter=False)
    limits = np.array(array.shape).reshape(3, *[1] * (kji.ndim - 1))
    beyond = ((kji < -0.5) | (kji > limits - 0.5)).any(axis=0)
    result[beyond] = outside
    return np.asarray(result, dtype=np.float64)
