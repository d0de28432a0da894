"""A scan as its lungs are aligned: coarse, along the patient's axes, with a mask."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from ...transforms.coarse_mask import box_around
from ...transforms.grid import Grid
from ...transforms.lungs import find_lungs
from ..records import FloatArray, Volume
from ..results.plane import sample

SPACING_MM = 3.0  # vessels of 3 mm and more guide the alignment; a finer grid costs more than it adds
MARGIN_MM = 15.0  # chest wall and heart around the lungs
_HU_RANGE = (-1000.0, 200.0)  # lung to soft tissue: bone and metal say nothing of lungs


@dataclass(frozen=True, eq=False)
class LungImage:
    """HU (float32) and lungs (bool) ``(k, j, i)`` on voxels of 3 mm along the axes of LPS; ``origin_lps`` is voxel 0.

    ``inside`` are the voxels that lie in the scan, ``scan`` is its own grid.
    """

    hu: npt.NDArray[np.float32]
    lungs: npt.NDArray[np.bool_]
    inside: npt.NDArray[np.bool_]
    origin_lps: FloatArray
    scan: Grid

    @property
    def affine_lps(self) -> FloatArray:
        """Voxel (i, j, k, 1) to LPS mm."""
        affine = np.diag([SPACING_MM] * 3 + [1.0])
        affine[:3, 3] = self.origin_lps
        return affine

    def points_lps(self) -> FloatArray:
        """Return the LPS mm of every voxel, ``(k, j, i, 3)``."""
        return _points(self.origin_lps, self.hu.shape)


def lung_image(volume: Volume) -> LungImage | None:
    """See the lungs of a scan on the coarse grid, or return None where none are found."""
    k, j, i = volume.hu.shape
    scan = Grid((k, j, i), volume.affine_lps)
    lungs = find_lungs(volume.hu, scan)
    if not lungs.found:
        return None
    start, stop = box_around(lungs.labels > 0)
    faces = [(first - 0.5, last - 0.5) for first, last in zip(start[::-1], stop[::-1], strict=True)]
    corners = lungs.grid.to_lps(list(product(*faces)))
    low, high = corners.min(axis=0) - MARGIN_MM, corners.max(axis=0) + MARGIN_MM
    x, y, z = (int(n) for n in np.ceil((high - low) / SPACING_MM) + 1)
    points = _points(low, (z, y, x))
    coarse, affine = _block_means(volume.hu, volume.affine_lps)
    hu = sample(coarse, affine, points, outside=np.nan)
    mask = sample((lungs.labels > 0).astype(np.float32), lungs.grid.affine_lps, points, outside=0.0) >= 0.5
    inside = np.isfinite(hu)
    filled = np.clip(np.where(inside, hu, _HU_RANGE[0]), *_HU_RANGE)
    return LungImage(filled.astype(np.float32), mask & inside, inside, low, scan)


def _points(origin: FloatArray, shape_kji: tuple[int, ...]) -> FloatArray:
    index = np.moveaxis(np.indices(shape_kji)[::-1], 0, -1)  # (k, j, i, 3) as (i, j, k)
    return np.asarray(origin + SPACING_MM * index, dtype=np.float64)


def _block_means(hu: npt.NDArray[Any], affine_lps: FloatArray) -> tuple[npt.NDArray[np.float32], FloatArray]:
    """Average blocks of fine voxels, so that noise does not alias; an incomplete last block is left out."""
    spacing = np.linalg.norm(affine_lps[:3, :3], axis=0)[::-1]
    steps = [min(max(1, int(SPACING_MM / mm)), n) for mm, n in zip(spacing, hu.shape, strict=True)]
    (k, c), (j, b), (i, a) = ((n // step, step) for n, step in zip(hu.shape, steps, strict=True))
    means = hu[: k * c, : j * b, : i * a].reshape(k, c, j, b, i, a).mean(axis=(1, 3, 5), dtype=np.float32)
    blocks = np.diag([a, b, c, 1.0])
    blocks[:3, 3] = (np.array([a, b, c]) - 1) / 2
    return means, affine_lps @ blocks
