"""Where in the lungs there is room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ....transforms.grid import Grid
from ....transforms.lungs import TISSUE_HU, find_lungs
from ..detection.true_scan import Place
from .fit_nodule import FittedNodule
from .noise import noise_hu

Index = tuple[int, int, int]
_GAP_MM = 10.0
"""Free between two nodules: no finding can hit both, and no close look is filled by both."""
_BRIGHT_SHARE = 0.1
"""Largest part of what a nodule covers that may be brighter than lung: thin vessels, but no lesion."""
_TRIES = 200
_NOISE_MM, _NOISE_PLACES = 12.0, 32
"""Edge and number of the cubes of lung whose middle noise is the scan's."""


@dataclass(frozen=True, eq=False)
class LungRoom:
    """Depth (mm) in the lung on a coarse grid with the axes of ``Canonical``: 0 outside, else to what is no lung."""

    depth_mm: npt.NDArray[np.float64]
    grid: Grid

    def find_place(
        self,
        nodule: FittedNodule,
        hu: npt.NDArray[Any],
        grid: Grid,
        taken: tuple[Place, ...],
        diameter_mm: float,
        rng: np.random.Generator,
    ) -> Index | None:
        """Draw where the nodule's first voxel may go in CT values ``(k, j, i)`` on canonical axes; None if nowhere.

        Its whole outline is then in the lung, what it covers is dark, and other places are 10 mm away.
        """
        places = np.argwhere(self.depth_mm >= self._needed_mm(nodule, grid))
        for _ in range(_TRIES if len(places) else 0):
            lps = self.grid.to_lps([places[rng.integers(len(places))][::-1]])
            start = np.rint(grid.to_ijk(lps)[0][::-1] - nodule.centre_kji).astype(int)
            stop = start + nodule.opacity.shape
            if (start < 0).any() or (stop > hu.shape).any():
                continue
            middle = grid.to_lps([(start + nodule.centre_kji)[::-1]])[0]
            if any(
                np.linalg.norm(middle - p.centre_lps_mm) < (p.diameter_mm + diameter_mm) / 2 + _GAP_MM for p in taken
            ):
                continue
            covered = hu[tuple(map(slice, start, stop))][nodule.opacity > 0.5]
            if (covered > TISSUE_HU).mean() <= _BRIGHT_SHARE:
                return int(start[0]), int(start[1]), int(start[2])
        return None

    def noise_hu(self, hu: npt.NDArray[Any], grid: Grid, rng: np.random.Generator) -> float:
        """Estimate the noise in the lung of CT values on canonical axes; 0 where there is too little lung."""
        places = np.argwhere(self.depth_mm >= _NOISE_MM / 2)
        half = np.rint(_NOISE_MM / 2 / np.array(grid.spacing_mm[::-1])).astype(int)
        levels = []
        for _ in range(_NOISE_PLACES if len(places) else 0):
            lps = self.grid.to_lps([places[rng.integers(len(places))][::-1]])
            middle = np.rint(grid.to_ijk(lps)[0][::-1]).astype(int)
            cube = hu[tuple(slice(max(0, m - h), m + h + 1) for m, h in zip(middle, half, strict=True))]
            levels.append(noise_hu(cube))
        return float(np.median(levels)) if levels else 0.0

    def _needed_mm(self, nodule: FittedNodule, grid: Grid) -> float:
        """From the centre to the outline's outermost voxel, and half a coarse voxel's diagonal more."""
        away = (np.argwhere(nodule.mask) - nodule.centre_kji) * grid.spacing_mm[::-1]
        return float(np.linalg.norm(away, axis=1).max() + np.linalg.norm(self.grid.spacing_mm) / 2)


def lung_room(hu: npt.NDArray[Any], grid: Grid) -> LungRoom:
    """Find the lungs of CT values ``(k, j, i)``; beyond the scan there is none."""
    lungs = find_lungs(hu, grid)
    padded = np.pad(lungs.labels > 0, 1)
    depth = ndimage.distance_transform_edt(padded, sampling=lungs.grid.spacing_mm[::-1])
    return LungRoom(np.asarray(depth[1:-1, 1:-1, 1:-1], dtype=np.float64), lungs.grid)
