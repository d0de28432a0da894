"""Nodules made by formula, for sizes and densities that the read ones lack."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .nodule import F32, Nodule

_RADIUS_MM = (2.0, 21.0)
_GROUND_GLASS_SHARE = 0.15


def made_nodule(rng: np.random.Generator) -> Nodule:
    """Draw a lobulated ellipsoid of 4 to 42 mm, solid or ground glass, with partial volume at its edge; not rated."""
    radius = float(np.exp(rng.uniform(*np.log(_RADIUS_MM))))
    distance = _signed_distance(radius, rng)
    inside = np.clip(0.5 - distance, 0, 1)
    return Nodule(_texture(distance.shape, rng), inside, inside)


def _signed_distance(radius: float, rng: np.random.Generator) -> F32:
    """Distance to the surface in mm (negative inside), nearly: an ellipsoid, bent by smooth noise."""
    half = int(np.ceil(radius * 1.45)) + 3
    axes = np.meshgrid(*[np.arange(-half, half + 1, dtype=np.float32)] * 3, indexing="ij", sparse=True)
    stretch = rng.uniform(0.78, 1.28, 3)
    r = np.sqrt(sum((a / s) ** 2 for a, s in zip(axes, stretch, strict=True)))
    bend = _smooth_noise(r.shape, max(2.0, radius * 0.45), rng)
    return np.asarray(r - radius * (1 + rng.uniform(0, 0.12) * bend), dtype=np.float32)


def _texture(shape: tuple[int, ...], rng: np.random.Generator) -> F32:
    ground_glass = rng.random() < _GROUND_GLASS_SHARE
    mean = rng.uniform(-650, -250) if ground_glass else rng.normal(20, 55)
    return np.asarray(mean + rng.uniform(5, 40) * _smooth_noise(shape, 1.5, rng), dtype=np.float32)


def _smooth_noise(shape: tuple[int, ...], sigma: float, rng: np.random.Generator) -> F32:
    noise = ndimage.gaussian_filter(rng.standard_normal(shape, dtype=np.float32), sigma, mode="wrap")
    return np.asarray(noise / (noise.std() + 1e-6), dtype=np.float32)
