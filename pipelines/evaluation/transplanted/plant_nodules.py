"""Put real nodules into the lung of a scan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ....transforms.canonical import Canonical, Index, canonical_of
from ....transforms.coarse_mask import box_around
from ....transforms.grid import Grid
from ...records import FindingMask
from ...training.lidc_nodules import LidcRecord
from ..detection.true_scan import Place
from .fit_nodule import FittedNodule, fit_nodule
from .lung_room import lung_room
from .noise import made_noise, noise_hu
from .planted_nodule import PlantedNodule
from .record_diameter_mm import record_diameter_mm

_OPAQUE = 0.99
_NEIGHBOURS = np.ones((1, 3, 3), bool)
"""Voxels that a noise estimate looks at: all inside the nodule, else its edge is taken for noise."""


def plant_nodules(
    hu: npt.NDArray[Any],
    grid: Grid,
    records: Iterable[LidcRecord],
    rng: np.random.Generator,
    n: int,
    *,
    taken: Sequence[Place] = (),
) -> tuple[npt.NDArray[Any], tuple[PlantedNodule, ...]]:
    """Put up to ``n`` outlined nodules into the lung of a scan, on its own grid: nothing of it is resampled.

    The records are gone through in their order; one that finds no free place is passed over. A nodule keeps its size;
    it is turned about the body axis and mirrored, averaged over the scan's slices, blended with its own 3 mm of
    surroundings, and given noise where it has less than the scan's lung. Its outline is wholly in the lung.

    Parameters
    ----------
    hu : CT values ``(k, j, i)`` of any orientation; not changed.
    grid : theirs.
    rng : turns, mirrors and places the nodules; the same one gives the same voxels.
    taken : lesions of the scan that nodules are kept away from.

    Returns
    -------
    A copy of ``hu`` with the nodules, and the truth about them.
    """
    axes = canonical_of(grid)
    result = hu.copy()
    seen, seen_grid, room = axes.view(result), axes.grid(grid), lung_room(hu, grid)
    level_hu = room.noise_hu(seen, seen_grid, rng)
    x, y, z = seen_grid.spacing_mm
    planted: list[PlantedNodule] = []
    for record in records:
        if len(planted) == n:
            break
        nodule = fit_nodule(record, (z, y, x), rng)
        if nodule is None:
            continue
        diameter_mm = record_diameter_mm(record)
        busy = (*taken, *(Place(p.centre_lps_mm, p.diameter_mm) for p in planted))
        start = room.find_place(nodule, seen, seen_grid, busy, diameter_mm, rng)
        if start is None:
            continue
        _blend(
            seen[tuple(slice(s, s + m) for s, m in zip(start, nodule.mask.shape, strict=True))], nodule, level_hu, rng
        )
        x_mm, y_mm, z_mm = (float(v) for v in seen_grid.to_lps([(start + nodule.centre_kji)[::-1]])[0])
        mask = _on_source(axes, start, nodule.mask)
        planted.append(PlantedNodule(record.key, (x_mm, y_mm, z_mm), diameter_mm, mask))
    return result, tuple(planted)


def _blend(block: npt.NDArray[Any], nodule: FittedNodule, level_hu: float, rng: np.random.Generator) -> None:
    """Blend the nodule into ``block`` (changed); voxels of no opacity stay as they are, bit for bit.

    A nodule too small to tell its noise counts as smooth.
    """
    inside = ndimage.binary_erosion(nodule.mask, _NEIGHBOURS) & (nodule.opacity >= _OPAQUE)
    has_hu = noise_hu(nodule.weighted_hu / np.maximum(nodule.opacity, _OPAQUE), inside)
    lacking_hu = float(np.sqrt(max(0.0, level_hu**2 - has_hu**2)))
    noise = made_noise(block.shape, lacking_hu, rng) * nodule.opacity
    blended = (1 - nodule.opacity) * block + nodule.weighted_hu + noise
    if np.issubdtype(block.dtype, np.integer):
        limits = np.iinfo(block.dtype)
        blended = np.clip(np.rint(blended), limits.min, limits.max)
    changed = nodule.opacity > 0
    block[changed] = blended[changed]


def _on_source(axes: Canonical, start: Index, mask: npt.NDArray[np.bool_]) -> FindingMask:
    """Say a mask at ``start`` of the canonical view as one on the source array, cut to its box."""
    low, voxels = [0, 0, 0], mask[tuple(slice(None, None, -1 if f else 1) for f in axes.flipped_kji)]
    for canonical, source in enumerate(axes.axes_kji):
        size, length = axes.shape_kji[source], mask.shape[canonical]
        low[source] = size - start[canonical] - length if axes.flipped_kji[canonical] else start[canonical]
    voxels = voxels.transpose(np.argsort(axes.axes_kji))
    first, last = box_around(voxels)
    k, j, i = (a + b for a, b in zip(low, first, strict=True))
    return FindingMask((k, j, i), voxels[tuple(map(slice, first, last))])
