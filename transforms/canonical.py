"""Look at a volume along the patient's axes, without copying it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
import numpy.typing as npt

from .grid import FloatArray, Grid

Index = tuple[int, int, int]


@dataclass(frozen=True)
class Canonical:
    """The permutation and flips that bring a source array nearest to (superior +, posterior +, left +).

    ``axes_kji[a]`` is the source array axis seen at canonical array axis ``a``; ``flipped_kji[a]`` says whether it is
    seen backwards. Only views are made, so the source's own directions (oblique or sheared) are kept.
    """

    shape_kji: Index
    axes_kji: Index
    flipped_kji: tuple[bool, bool, bool]

    def view(self, array: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        """Source array ``(k, j, i)`` as canonical view ``(k, j, i)``."""
        steps = tuple(slice(None, None, -1 if flipped else 1) for flipped in self.flipped_kji)
        return array.transpose(self.axes_kji)[steps]

    def grid(self, source: Grid) -> Grid:
        """Return the grid of :meth:`view`."""
        affine = source.affine_lps.copy()
        shape = [self.shape_kji[axis] for axis in self.axes_kji]
        for column, (axis, flipped) in enumerate(zip(self.axes_kji[::-1], self.flipped_kji[::-1], strict=True)):
            step = source.affine_lps[:, 2 - axis]
            affine[:, column] = -step if flipped else step
            affine[:, 3] += (self.shape_kji[axis] - 1) * step if flipped else 0.0
        return Grid((shape[0], shape[1], shape[2]), affine)


def canonical_of(grid: Grid) -> Canonical:
    """Find the permutation and flips that bring ``grid`` nearest to (superior +, posterior +, left +).

    Of the six permutations the one with the largest sum of direction cosines is taken, so that oblique grids (up to
    45 degrees and beyond) get a permutation too.
    """
    directions = unit_columns(grid.affine_lps)
    best = max(permutations(range(3)), key=lambda columns: float(np.abs(directions[range(3), columns]).sum()))
    flipped = [bool(directions[row, column] < 0) for row, column in enumerate(best)]
    axes = [2 - column for column in best]
    return Canonical(grid.shape_kji, (axes[2], axes[1], axes[0]), (flipped[2], flipped[1], flipped[0]))


def unit_columns(affine: FloatArray) -> FloatArray:
    """Directions ``(3, 3)`` of the voxel axes (i, j, k) as unit columns."""
    columns: FloatArray = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    return columns
