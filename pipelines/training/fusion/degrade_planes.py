"""Make the planes of one scan look as if another scanner had made them."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..nodule import F32

_NOISE_HU = (4.0, 30.0)
"""Never none: away from nodules the patches come from 8-bit data, whose steps must not tell a place from a nodule's."""


def degrade_planes(planes: F32, rng: np.random.Generator) -> F32:
    """Draw blur, noise, contrast and offset for planes ``(9, edge, edge)`` in HU, all of them alike."""
    if rng.random() < 0.3:
        planes = ndimage.gaussian_filter(planes, (0, *[rng.uniform(0, 1.0)] * 2), mode="nearest")
    noise = rng.standard_normal(planes.shape, dtype=np.float32)
    if rng.random() < 0.5:
        noise = ndimage.gaussian_filter(noise, (0, 0.6, 0.6)) * 1.9
    planes = planes + np.float32(rng.uniform(*_NOISE_HU)) * noise
    return np.asarray(planes * rng.uniform(0.97, 1.03) + rng.uniform(-25, 25), dtype=np.float32)
