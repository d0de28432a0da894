"""Every n-th voxel of a volume, along the axes of the patient."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
Triple = tuple[float, float, float]

# lungs, liver and spine are many times wider; a 0.7 x 0.7 x 1 mm chest keeps one voxel in 250
COARSE_MM = 5.0
# 500 mm of a chest in 5 mm; a bound on the work where the header gives far too large a spacing
MOST_SAMPLES = 128
# enough to see both ends of a lung where the header gives far too small a spacing
LEAST_SAMPLES = 32
# so that 1.0000001 mm (float32 affines) gives the same step as 1 mm
_STEP_TOLERANCE = 1e-3
# up to here the nearest patient axis will do: 25 degrees moves the heart against the lungs by less than its half width
MOST_TURNED_DEG = 25.0


@dataclass(frozen=True, eq=False)
class CoarseView:
    """Point samples ``hu`` float32 ``(k, j, i)``, rising towards superior, posterior, left.

    ``spacing_mm`` is that of the samples and ``extent_mm`` that of the whole volume, both along (k, j, i).
    ``aligned`` is false where an axis is more than 25 degrees off the patient's: sides then mean nothing.
    """

    hu: F32
    spacing_mm: Triple
    extent_mm: Triple
    aligned: bool


def coarse_view(hu: npt.NDArray[Any], affine_lps: npt.NDArray[np.float64]) -> CoarseView:
    """Pick samples about 5 mm apart from ``hu`` ``(k, j, i)``; ``affine_lps`` takes (i, j, k, 1) to LPS mm."""
    lengths = np.linalg.norm(affine_lps[:3, :3], axis=0)
    cosines = affine_lps[:3, :3] / lengths
    columns = max(permutations(range(3)), key=lambda order: float(np.abs(cosines[range(3), order]).sum()))[::-1]
    chosen = [float(cosines[row, column]) for row, column in zip((2, 1, 0), columns, strict=True)]
    seen = hu.transpose([2 - column for column in columns])
    spacing = [float(lengths[column]) for column in columns]
    steps = [_step(mm, size) for mm, size in zip(spacing, seen.shape, strict=True)]
    taken = seen[tuple(_pick(*axis) for axis in zip(steps, seen.shape, chosen, strict=True))]
    k, j, i = (mm * step for mm, step in zip(spacing, steps, strict=True))
    depth, rows, width = (mm * size for mm, size in zip(spacing, seen.shape, strict=True))
    aligned = min(map(abs, chosen)) >= np.cos(np.radians(MOST_TURNED_DEG))
    return CoarseView(
        np.array(taken, dtype=np.float32, order="C"), (k, j, i), (depth, rows, width), aligned=bool(aligned)
    )


def _step(spacing_mm: float, size: int) -> int:
    wanted = min(int(COARSE_MM / spacing_mm + _STEP_TOLERANCE), size // LEAST_SAMPLES)
    return max(1, wanted, -(-size // MOST_SAMPLES))


def _pick(step: int, size: int, cosine: float) -> slice:
    """Every ``step``-th index, backwards where the axis runs against the patient's."""
    start = min(step // 2, size - 1)
    if cosine >= 0:
        return slice(start, None, step)
    return slice(size - 1 - start, None, -step)
