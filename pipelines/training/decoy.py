"""Pieces of ordinary lung and chest wall, cut as nodules are cut."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .lidc_nodules import LidcRecord, zoom
from .nodule import F32, Nodule

_CLEAR_MM = 8.0
"""Distance kept from every outline."""


def to_decoy(record: LidcRecord, rng: np.random.Generator) -> Nodule | None:
    """Cut a disc away from the nodule out of a patch, on a 1 mm grid; None where two draws find no free place."""
    radius = float(rng.uniform(3, 11))
    x, y, z = record.spacing_mm
    outlined = (record.readers > 0).any(axis=0)
    distance = ndimage.distance_transform_edt(~outlined, sampling=(y, x))
    half_j, half_i = int(np.ceil((radius + 3) / y)), int(np.ceil((radius + 3) / x))
    for _ in range(2):
        j = int(rng.integers(half_j, outlined.shape[0] - half_j))
        i = int(rng.integers(half_i, outlined.shape[1] - half_i))
        if distance[j, i] > radius + _CLEAR_MM:
            block = record.hu[:, j - half_j : j + half_j + 1, i - half_i : i + half_i + 1]
            hu = zoom(block, (z, y, x))
            return Nodule(hu, np.zeros_like(hu), _disc(hu.shape, radius), key=record.key)
    return None


def _disc(shape: tuple[int, ...], radius: float) -> F32:
    """1 within ``radius`` of the middle, in-plane and along the axis, falling to 0 over 2 mm."""
    axes = np.meshgrid(*[np.arange(n) - (n - 1) / 2 for n in shape], indexing="ij", sparse=True)
    r = np.sqrt((axes[1] / radius) ** 2 + (axes[2] / radius) ** 2 + (axes[0] / max(2.0, shape[0] / 2 - 1)) ** 2)
    return np.asarray(np.clip((1.15 - r) / 0.3, 0, 1), dtype=np.float32)
