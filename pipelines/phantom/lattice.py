"""The coarse lattice on which the large organs of the phantom are described."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]

STEP_MM = 4.0
"""Organs are smooth over far more than this: linear interpolation of their distance errs by < 0.1 mm."""
_HALF_MM = (196.0, 132.0, 176.0)  # beyond it all is as at its edge


@dataclass(frozen=True, eq=False)
class Lattice:
    """Lattice points along x, y and z (LPS mm, origin in the middle of the chest); fields on it are ``(z, y, x)``."""

    x_mm: Float32
    y_mm: Float32
    z_mm: Float32

    @classmethod
    def standard(cls) -> Lattice:
        """Return the one lattice all phantoms use, whatever voxels they are drawn on."""
        x, y, z = (np.arange(-half, half + STEP_MM, STEP_MM, dtype=np.float32) for half in _HALF_MM)
        return cls(x, y, z)

    def mesh(self) -> tuple[Float32, Float32, Float32]:
        """Return x, y, z as arrays that broadcast to ``(z, y, x)``."""
        return self.x_mm[None, None, :], self.y_mm[None, :, None], self.z_mm[:, None, None]

    def distance(self, level: npt.NDArray[np.floating]) -> Float32:
        """Turn a level set (negative inside) into an approximate signed distance in mm (first order)."""
        slope = np.sqrt(sum(np.square(g) for g in np.gradient(level, STEP_MM)))
        return np.asarray(level / np.maximum(slope, 1e-4), dtype=np.float32)

    def at(self, field: Float32, points_lps: npt.ArrayLike) -> Float32:
        """Read ``field`` at the nearest lattice points of ``points_lps`` ``(n, 3)``."""
        xyz = np.asarray(points_lps, dtype=np.float64).reshape(-1, 3)
        columns = []
        for axis, points in zip((self.z_mm, self.y_mm, self.x_mm), xyz.T[::-1], strict=True):
            columns.append(np.clip(np.rint((points - axis[0]) / STEP_MM).astype(int), 0, len(axis) - 1))
        return np.asarray(field[tuple(columns)], dtype=np.float32)

    def points(self) -> npt.NDArray[np.float64]:
        """Return every lattice point as ``(z, y, x, 3)`` in (x, y, z) mm."""
        z, y, x = np.meshgrid(self.z_mm, self.y_mm, self.x_mm, indexing="ij")
        return np.stack([x, y, z], axis=-1).astype(np.float64)
