"""Make one scan look as if another scanner had made it."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .nodule import F32


def degrade(hu: F32, rng: np.random.Generator) -> F32:
    """Draw blur, noise, contrast and offset for a patch ``(k, j, i)`` in HU."""
    if rng.random() < 0.3:
        sigma = (rng.uniform(0, 1.2), *[rng.uniform(0, 0.8)] * 2)
        hu = ndimage.gaussian_filter(hu, sigma, mode="nearest")
    noise = rng.standard_normal(hu.shape, dtype=np.float32)
    if rng.random() < 0.5:
        noise = ndimage.gaussian_filter(noise, 0.6) * 2.5
    hu = hu + np.float32(rng.uniform(0, 30)) * noise
    return np.asarray(hu * rng.uniform(0.97, 1.03) + rng.uniform(-25, 25), dtype=np.float32)
