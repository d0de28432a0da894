"""Find the lungs on a coarse grid: enough to know where to look, and on which side a point lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from .canonical import Index, canonical_of
from .coarse_mask import Blocks, Mask, box_around, grown, largest_part, local_share, reaching_border
from .grid import Grid
from .lung_sides import split_sides

F32 = npt.NDArray[np.float32]

# below 3 mm every voxel costs, above it thin parts along the chest wall are lost
COARSE_SPACING_MM = 3.0
# so that 1.0000001 mm (float32 affines) gives the same step as 1 mm
STEP_TOLERANCE = 1e-3
# between lung (-950 to -600 HU) and soft tissue (0 to 80 HU), far enough from both for noisy single voxels
TISSUE_HU = -400.0
# air outside the body and gas in airway and bowel have -1000 HU; the mean of an emphysematous lung stays above this
GAS_HU = -970.0
# width of the partial volume at the skin, as seen through the 3-voxel mean that is held against GAS_HU
SKIN_MM = 6.0
# wider than a trachea (up to 25 mm), narrower than a lung
CORE_MM, CORE_SHARE = 25.0, 0.7
# a smaller core is bowel, a sinus or a cushion
MIN_CORE_MM3 = 10_000.0
# a core in the body lies at least partly within the body's outline; couch and blanket do not
MIN_ENCLOSED_SHARE = 0.05
# where the field of view cuts the body everywhere, lung still lies deeper below the outside air than couch and blanket
EXPOSED_MM, MAX_EXPOSED_SHARE = 20.0, 0.5
# the two lungs of a small child measure about 50 cm2 in their largest axial section
MIN_SECTION_MM2 = 2_000.0


@dataclass(frozen=True, eq=False)
class Lungs:
    """Coarse lung labels on canonical axes (superior, posterior, left).

    ``labels`` is uint8 ``(k, j, i)``: 0 none, 1 the patient's right lung, 2 the left; ``grid`` is theirs. ``body_kji``
    is the box (start, stop) of the body on that grid, the whole grid where no body is seen. ``found`` is false when
    what was seen cannot be lungs (nothing, or too small): the labels are then all 0.
    """

    labels: npt.NDArray[np.uint8]
    grid: Grid
    body_kji: tuple[Index, Index]
    found: bool


def find_lungs(hu: npt.NDArray[Any], grid: Grid) -> Lungs:
    """Find the lungs in CT values ``(k, j, i)`` (HU) of any orientation, on a grid of about 3 mm.

    Air is what lies below -400 HU. In each axial slice, pure air that reaches the border is outside the body; as
    lung is denser than pure air, lungs cut by the field of view or standing alone in -1024 HU are kept. What is too
    wide for an airway (25 mm), denser than gas and within the outline of the body is lung; thin parts (the recesses
    above the diaphragm) come along where they hang together with it. Lung that holds no air (consolidation, a large
    tumour) is not labelled: :func:`.lung_box` covers it by the extent of both lungs.

    Raises ValueError when the shape does not match the grid.
    """
    if hu.shape != grid.shape_kji:
        raise ValueError(f"array shape {hu.shape} does not match its grid {grid.shape_kji}")
    coarse, coarse_grid = _coarse(hu, grid)
    smooth: F32 = ndimage.uniform_filter(coarse, 3, mode="nearest")
    gas = smooth < GAS_HU
    outside = reaching_border(gas)
    air = (coarse < TISSUE_HU) & ~grown(outside, coarse_grid, SKIN_MM)
    blocks = Blocks(coarse_grid)
    body = largest_part(blocks.mean(coarse >= TISSUE_HU) > 0.5)
    core = _core(blocks, air, smooth, body, outside)
    lung = _around_core(blocks, core, air, gas)
    area_mm2 = lung.sum(axis=(1, 2)).max() * coarse_grid.voxel_volume_mm3 / coarse_grid.spacing_mm[2]
    found = bool(area_mm2 >= MIN_SECTION_MM2)
    start, stop = box_around(body)
    sides = blocks.spread(split_sides(blocks.mean(lung) > 0, blocks.grid, (start[2] + stop[2]) / 2))
    labels = np.where(lung & found, sides, 0).astype(np.uint8)
    return Lungs(labels, coarse_grid, box_around(blocks.spread(body)), found)


def _coarse(hu: npt.NDArray[Any], grid: Grid) -> tuple[F32, Grid]:
    """Every n-th voxel on canonical axes as float32; padding below -1024 HU becomes air."""
    canonical = canonical_of(grid)
    seen, seen_grid = canonical.view(hu), canonical.grid(grid)
    steps = [max(1, int(COARSE_SPACING_MM / mm + STEP_TOLERANCE)) for mm in seen_grid.spacing_mm[::-1]]
    start = [min(step // 2, size - 1) for step, size in zip(steps, seen.shape, strict=True)]
    taken = seen[tuple(slice(s, None, step) for s, step in zip(start, steps, strict=True))]
    affine = seen_grid.crop(start, (1, 1, 1)).affine_lps
    affine[:3, :3] *= np.array(steps[::-1])
    k, j, i = taken.shape
    return np.maximum(np.array(taken, dtype=np.float32, order="C"), np.float32(-1024)), Grid((k, j, i), affine)


def _core(blocks: Blocks, air: Mask, smooth: F32, body: Mask, outside: Mask) -> Mask:
    """Find the wide parts of the air (as blocks) that are lung.

    They are denser than gas, and lie in the body; else, in a body cut by the field of view; else, there is more of
    them than of any body (lungs cut out of a scan).
    """
    labels, count = ndimage.label(local_share(blocks.mean(air), blocks.grid, CORE_MM) > CORE_SHARE)
    if count == 0:
        return np.zeros(labels.shape, bool)
    numbers = np.arange(1, count + 1)
    enclosed = ~reaching_border(~body) & ~body
    sizes_mm3 = np.bincount(labels.ravel())[1:] * blocks.grid.voxel_volume_mm3
    lung = (sizes_mm3 >= MIN_CORE_MM3) & (ndimage.mean(blocks.mean(smooth), labels, numbers) > GAS_HU)
    in_body = lung & (ndimage.mean(enclosed, labels, numbers) >= MIN_ENCLOSED_SHARE)
    exposed = grown(blocks.mean(outside) > 0, blocks.grid, EXPOSED_MM)
    cut = lung & (ndimage.mean(exposed, labels, numbers) <= MAX_EXPOSED_SHARE)
    alone = lung & bool(sizes_mm3[lung].sum() > np.count_nonzero(body) * blocks.grid.voxel_volume_mm3)
    best = next((kind for kind in (in_body, cut, alone) if kind.any()), alone)
    return np.isin(labels, numbers[best])


def _around_core(blocks: Blocks, core: Mask, air: Mask, gas: Mask) -> Mask:
    """Air within reach of the core, what hangs together with it and is no gas, and the vessels between.

    Nothing is added above the reach of the cores: only the trachea goes there.
    """
    grid = blocks.voxels
    reach = blocks.spread(grown(core, blocks.grid, CORE_MM / 2))
    labels, count = ndimage.label(air & ~grown(gas, grid, COARSE_SPACING_MM))
    connected = np.zeros(count + 1, bool)
    connected[labels[blocks.spread(core)]] = True
    connected[0] = False
    thin = connected[labels]
    thin[box_around(reach)[1][0] :] = False
    lung = (air & reach) | thin
    return np.asarray(lung | (local_share(lung, grid, 4 * COARSE_SPACING_MM) > 0.5))
