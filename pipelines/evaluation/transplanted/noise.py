"""Noise of a scan, and more of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ...training.nodule import F32

_MAD_OF_NORMAL = 0.6745
_BLUR_VOXELS = (0.35, 0.65, 0.65)
"""Of made noise, as the phantom's: CT noise is smoother in the plane than across it."""
_LEAST_VOXELS = 27
"""Fewer say nothing of noise."""


def noise_hu(hu: npt.NDArray[np.generic], where: npt.NDArray[np.bool_] | None = None) -> float:
    """Estimate the noise (HU, standard deviation as if it were white) of CT values ``(k, j, i)``; 0 where too few.

    Second differences along rows and columns are 0 on slopes, and on white noise 6 times its standard deviation
    (Immerkaer, CVIU 64 (1996) 300). Their median is taken, so that edges and vessels count little.
    """
    residual = np.abs(np.diff(np.diff(hu.astype(np.float32), 2, axis=1), 2, axis=2)) / 6
    chosen = residual if where is None else residual[where[:, 1:-1, 1:-1]]
    return float(np.median(chosen)) / _MAD_OF_NORMAL if chosen.size >= _LEAST_VOXELS else 0.0


def made_noise(shape: tuple[int, ...], level_hu: float, rng: np.random.Generator) -> F32:
    """Draw noise ``(k, j, i)`` for which :func:`noise_hu` says ``level_hu``."""
    drawn = ndimage.gaussian_filter(rng.standard_normal(shape, dtype=np.float32), _BLUR_VOXELS, mode="wrap")
    measured = noise_hu(drawn)
    return np.asarray(drawn * np.float32(level_hu / measured if measured > 0 else 0.0), dtype=np.float32)
