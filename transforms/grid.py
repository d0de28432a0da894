"""Where voxels stand in the patient: the one place that knows array order, affine and frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from monai.data.meta_tensor import MetaTensor

from .ras_from_lps import RAS_FROM_LPS

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Grid:
    """A voxel grid: array shape ``(k, j, i)`` and the affine that maps ``(i, j, k, 1)`` to LPS mm."""

    shape_kji: tuple[int, int, int]
    affine_lps: FloatArray

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance between neighbouring voxel centres along (i, j, k), mm."""
        a, b, c = np.linalg.norm(self.affine_lps[:3, :3], axis=0)
        return float(a), float(b), float(c)

    @property
    def voxel_volume_mm3(self) -> float:
        """Volume of one voxel, mm3 (right for sheared grids too)."""
        return float(abs(np.linalg.det(self.affine_lps[:3, :3])))

    def to_lps(self, points_ijk: npt.ArrayLike) -> FloatArray:
        """Voxel coordinates ``(n, 3)`` as (i, j, k) to LPS mm ``(n, 3)``."""
        return _apply(self.affine_lps, points_ijk)

    def to_ijk(self, points_lps: npt.ArrayLike) -> FloatArray:
        """LPS mm ``(n, 3)`` to continuous voxel coordinates ``(n, 3)`` as (i, j, k)."""
        return _apply(np.asarray(np.linalg.inv(self.affine_lps), dtype=np.float64), points_lps)

    def crop(self, start_kji: Iterable[int], shape_kji: tuple[int, int, int]) -> Grid:
        """Return the grid of a sub-block that starts at array index ``start_kji``."""
        affine = self.affine_lps.copy()
        affine[:3, 3] = self.to_lps([list(start_kji)[::-1]])[0]
        return Grid(shape_kji, affine)


def _apply(affine: FloatArray, points: npt.ArrayLike) -> FloatArray:
    xyz = np.asarray(points, dtype=np.float64).reshape(-1, 3)
    return xyz @ affine[:3, :3].T + affine[:3, 3]


def to_metatensor(array: npt.NDArray[np.generic] | torch.Tensor, grid: Grid) -> MetaTensor:
    """Wrap a channel-first array ``(c, k, j, i)`` as MetaTensor, whose affine maps ``(k, j, i)`` to RAS."""
    ras_ijk = RAS_FROM_LPS @ grid.affine_lps
    return MetaTensor(torch.as_tensor(array), affine=torch.from_numpy(ras_ijk[:, [2, 1, 0, 3]].copy()))


def grid_of(image: MetaTensor) -> Grid:
    """Read back the grid of a channel-first MetaTensor ``(c, k, j, i)``."""
    ras_kji = np.asarray(image.affine, dtype=np.float64)
    k, j, i = (int(n) for n in image.shape[-3:])
    return Grid((k, j, i), RAS_FROM_LPS @ ras_kji[:, [2, 1, 0, 3]])
