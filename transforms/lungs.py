"""Find the lungs on a coarse grid: enough to know where to look and on which side a point lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from .canonical import Index, canonical_of
from .grid import Grid
from .lung_sides import LEFT, RIGHT, split_sides

Mask = npt.NDArray[np.bool_]
Array = npt.NDArray[Any]

# below 3 mm every voxel costs, above it the thin parts between lung and chest wall are lost
COARSE_SPACING_MM = 3.0
# between lung (-950 to -600 HU) and soft tissue (0 to 80 HU), for noisy single samples
TISSUE_HU = -400.0
# air outside the body and gas in airway and bowel is -1000 HU; the mean of an emphysematous lung stays above this
GAS_HU = -970.0
# the blur of GAS_HU's mean and the partial volume at the skin
SKIN_MM = 6.0
# wider than a trachea (up to 25 mm), narrower than the lung of a small adult
CORE_MM = 25.0
CORE_SHARE = 0.7
# a smaller core is bowel, sinus or a cushion
MIN_CORE_MM3 = 10_000.0
# a core of which less than this lies within the body's outline is not in the body (couch, blanket)
MIN_ENCLOSED_SHARE = 0.05
# two lungs of a small child measure about 50 cm2 in their largest axial section
MIN_SECTION_MM2 = 2_000.0


@dataclass(frozen=True, eq=False)
class Lungs:
    """Coarse lung labels on canonical axes.

    ``labels`` is uint8 ``(k, j, i)``: 0 none, 1 the patient's right lung, 2 the left; ``grid`` is theirs. ``body_kji``
    is the box (start, stop) of the body on that grid, the whole grid where no body is seen. ``found`` is false when
    what was found cannot be lungs (nothing, or too small): the labels are then all 0.
    """

    labels: npt.NDArray[np.uint8]
    grid: Grid
    body_kji: tuple[Index, Index]
    found: bool


def find_lungs(hu: Array, grid: Grid) -> Lungs:
    """Find the lungs in CT values ``(k, j, i)`` (HU) of any orientation, on a grid of about 3 mm.

    Air is what lies below -400 HU. In each axial slice pure air that reaches the border is outside the body; since
    lung is denser than pure air, lungs cut by the field of view or standing alone in -1024 HU are kept. What is
    wide enough (25 mm) to be no airway, denser than gas, and within the body's outline is lung; thin parts (the
    recesses along the diaphragm) are added where they hang together with it. Diseased lung that is no longer
    air-filled is not labelled: see :func:`.lung_box`, which takes the extent of both lungs.
    """
    if hu.shape != grid.shape_kji:
        raise ValueError(f"array shape {hu.shape} does not match its grid {grid.shape_kji}")
    coarse, coarse_grid = _coarse(hu, grid)
    smooth = ndimage.uniform_filter(coarse, 3, mode="nearest")
    outside = _grown(_reaching_border(smooth < GAS_HU), coarse_grid, SKIN_MM)
    air = (coarse < TISSUE_HU) & ~outside
    blocks = _Blocks(coarse_grid)
    body = _largest(blocks.share(coarse >= TISSUE_HU) > 0.5)
    core = _core(blocks, air, smooth, body)
    lung = _around_core(blocks, core, air, smooth < GAS_HU, coarse_grid)
    sections = lung.sum(axis=(1, 2)) * coarse_grid.voxel_volume_mm3 / coarse_grid.spacing_mm[2]
    found = bool(sections.max() >= MIN_SECTION_MM2)
    labels = split_sides(lung, coarse_grid) if found else np.zeros(coarse.shape, np.uint8)
    return Lungs(labels, coarse_grid, _box(blocks.fine(body)), found)


def _coarse(hu: Array, grid: Grid) -> tuple[npt.NDArray[np.float32], Grid]:
    """Every n-th voxel on canonical axes as float32; values below -1024 HU (padding) count as air."""
    canonical = canonical_of(grid)
    seen, seen_grid = canonical.view(hu), canonical.grid(grid)
    steps = [max(1, int(COARSE_SPACING_MM / mm)) for mm in seen_grid.spacing_mm[::-1]]
    start = [min(step // 2, size - 1) for step, size in zip(steps, seen.shape, strict=True)]
    taken = seen[tuple(slice(s, None, step) for s, step in zip(start, steps, strict=True))]
    affine = seen_grid.crop(start, (1, 1, 1)).affine_lps
    affine[:3, :3] *= np.array(steps[::-1])
    k, j, i = taken.shape
    return np.maximum(taken, np.float32(-1024), dtype=np.float32), Grid((k, j, i), affine)


def _reaching_border(mask: Mask) -> Mask:
    """Return the parts of ``mask`` that reach the border of their axial slice."""
    in_plane = np.zeros((3, 3, 3), bool)
    in_plane[1] = ndimage.generate_binary_structure(2, 1)
    labels, count = ndimage.label(mask, in_plane)
    reaches = np.zeros(count + 1, bool)
    for face in (labels[:, 0], labels[:, -1], labels[:, :, 0], labels[:, :, -1]):
        reaches[face] = True
    reaches[0] = False
    return np.asarray(reaches[labels])


def _width(grid: Grid, width_mm: float) -> tuple[int, int, int]:
    """Odd filter widths (k, j, i) that span about ``width_mm``."""
    i, j, k = (2 * round(width_mm / 2 / mm) + 1 for mm in grid.spacing_mm)
    return k, j, i


def _grown(mask: Mask, grid: Grid, margin_mm: float) -> Mask:
    return np.asarray(ndimage.maximum_filter(mask.view(np.uint8), _width(grid, 2 * margin_mm)) > 0)


def _largest(mask: Mask) -> Mask:
    labels, count = ndimage.label(mask)
    if count == 0:
        return mask
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return np.asarray(labels == sizes.argmax())


def _box(mask: Mask) -> tuple[Index, Index]:
    """Box (start, stop) of a mask; the whole array where it is empty."""
    found = ndimage.find_objects(mask.view(np.uint8))
    k, j, i = found[0] if found else tuple(slice(0, n) for n in mask.shape)
    return (k.start, j.start, i.start), (k.stop, j.stop, i.stop)


class _Blocks:
    """Blocks of two voxels along the fine axes, for the questions that need no detail (an eighth of the work)."""

    def __init__(self, grid: Grid) -> None:
        self.shape = grid.shape_kji
        self.steps = tuple(2 if mm < 4 else 1 for mm in grid.spacing_mm[::-1])
        k, j, i = (-(-size // step) for size, step in zip(self.shape, self.steps, strict=True))
        self.grid = Grid((k, j, i), grid.affine_lps @ np.diag([*self.steps[::-1], 1.0]))

    def share(self, values: Array) -> npt.NDArray[np.float32]:
        """Mean of ``values`` over each block; an odd last slice, row or column is repeated."""
        extra = [(0, -size % step) for size, step in zip(self.shape, self.steps, strict=True)]
        padded = np.pad(values, extra, mode="edge")
        total = np.zeros(self.grid.shape_kji, np.float32)
        for start in np.ndindex(*self.steps):
            total += padded[tuple(slice(s, None, step) for s, step in zip(start, self.steps, strict=True))]
        return total / np.float32(np.prod(self.steps))

    def fine(self, mask: Mask) -> Mask:
        """Return a mask of blocks as a mask of voxels."""
        for axis, step in enumerate(self.steps):
            mask = mask.repeat(step, axis=axis) if step > 1 else mask
        k, j, i = self.shape
        return mask[:k, :j, :i]


def _core(blocks: _Blocks, air: Mask, smooth: npt.NDArray[np.float32], body: Mask) -> Mask:
    """Wide parts of the air that are lung: denser than gas, and in the body unless none is."""
    share = ndimage.uniform_filter(blocks.share(air), _width(blocks.grid, CORE_MM), mode="nearest")
    labels, count = ndimage.label(share > CORE_SHARE)
    if count == 0:
        return np.zeros(labels.shape, bool)
    numbers = np.arange(1, count + 1)
    enclosed = ~_reaching_border(~body) & ~body
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:] * blocks.grid.voxel_volume_mm3
    lung = (sizes >= MIN_CORE_MM3) & (ndimage.mean(blocks.share(smooth), labels, numbers) > GAS_HU)
    within = lung & (ndimage.mean(enclosed, labels, numbers) >= MIN_ENCLOSED_SHARE)
    return np.isin(labels, numbers[within if within.any() else lung])


def _around_core(blocks: _Blocks, core: Mask, air: Mask, gas: Mask, grid: Grid) -> Mask:
    """Air within reach of the core, what hangs together with it and is no gas, and the vessels between."""
    reach = blocks.fine(_grown(core, blocks.grid, CORE_MM / 2))
    labels, count = ndimage.label(air & ~_grown(gas, grid, COARSE_SPACING_MM))
    connected = np.zeros(count + 1, bool)
    connected[labels[blocks.fine(core)]] = True
    connected[0] = False
    lung = (air & reach) | connected[labels]
    share = ndimage.uniform_filter(lung.astype(np.float32), _width(grid, 4 * COARSE_SPACING_MM), mode="nearest")
    return np.asarray(lung | (share > 0.5))


__all__ = ["LEFT", "RIGHT", "Lungs", "find_lungs"]
