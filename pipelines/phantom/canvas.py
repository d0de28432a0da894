"""The voxels a phantom is painted on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .lattice import STEP_MM, Float32, Lattice

_FISSURE_HU = 190.0
_FISSURE_MM = 1.1
_SLAB = 8  # slices upsampled at a time: they stay in the processor's cache


class Cone(NamedTuple):
    """A rod with round ends: from ``start`` to ``stop`` (LPS mm), its radius changing on the way."""

    start: tuple[float, float, float]
    stop: tuple[float, float, float]
    start_radius_mm: float
    stop_radius_mm: float


@dataclass(frozen=True, eq=False)
class Layer:
    """A large organ: signed distance (negative inside) and HU on the lattice.

    ``grow_mm`` moves its surface outwards. ``fold_mm`` is the signed distance to a thin sheet within (a fissure).
    """

    distance_mm: Float32
    hu: float | Float32
    grow_mm: float = 0.0
    fold_mm: Float32 | None = None


class Canvas:
    """An axial voxel grid in LPS whose values are painted over, organ by organ.

    The value of a voxel at a border is blended by the share of it that lies inside (taken from the signed distance),
    so that sizes and volumes are right below the size of a voxel.

    Parameters
    ----------
    shape_kji
        Number of slices, rows and columns.
    spacing_mm
        Along x, y, z. The middle of the grid is the origin.
    """

    def __init__(self, shape_kji: tuple[int, int, int], spacing_mm: tuple[float, float, float]) -> None:
        self.spacing_mm = spacing_mm
        self.blur_mm = float(np.cbrt(np.prod(spacing_mm)))
        self.hu: Float32 = np.full(shape_kji, -1000, dtype=np.float32)
        sizes = zip(shape_kji[::-1], spacing_mm, strict=True)
        self.x_mm, self.y_mm, self.z_mm = (
            ((np.arange(n) - (n - 1) / 2) * step).astype(np.float32) for n, step in sizes
        )

    @property
    def affine_lps(self) -> npt.NDArray[np.float64]:
        """Voxel (i, j, k, 1) to LPS mm."""
        affine = np.diag([*self.spacing_mm, 1.0])
        shape_ijk = np.array(self.hu.shape[::-1])
        affine[:3, 3] = -(shape_ijk - 1) / 2 * self.spacing_mm
        return affine

    def paint_layers(self, lattice: Lattice, layers: Iterable[Layer]) -> None:
        """Paint large organs, in the order given, over what is there."""
        boxed = [(layer, self._reach(lattice, layer)) for layer in layers]
        for low in range(0, len(self.z_mm), _SLAB):
            z_mm = self.z_mm[low : low + _SLAB]
            for layer, (rows, columns) in boxed:
                upsample = _Upsampler(lattice, self.x_mm[columns], self.y_mm[rows], z_mm)
                self._paint_layer(layer, upsample, self.hu[low : low + _SLAB, rows, columns])

    def _paint_layer(self, layer: Layer, upsample: _Upsampler, view: Float32) -> None:
        share = upsample(layer.distance_mm)
        share *= -1 / self.blur_mm
        share += 0.5 + layer.grow_mm / self.blur_mm
        np.clip(share, 0, 1, out=share)
        change = -view + (layer.hu if isinstance(layer.hu, float) else upsample(layer.hu))
        if layer.fold_mm is not None:
            change += _FISSURE_HU * np.maximum(1 - np.abs(upsample(layer.fold_mm)) / _FISSURE_MM, 0)
        change *= share
        view += change

    def _reach(self, lattice: Lattice, layer: Layer) -> tuple[slice, slice]:
        """Return the rows and columns that the layer can touch."""
        near = layer.distance_mm < layer.grow_mm + 2 * STEP_MM
        slices = []
        for knots, points, others in ((lattice.y_mm, self.y_mm, (0, 2)), (lattice.x_mm, self.x_mm, (0, 1))):
            used = knots[near.any(axis=others)]
            low, high = (used[0], used[-1]) if len(used) else (0, -1)
            slices.append(slice(int(np.searchsorted(points, low)), int(np.searchsorted(points, high, side="right"))))
        return slices[0], slices[1]

    def paint_cones(
        self,
        cones: Iterable[Cone],
        hu: float,
        *,
        inset_mm: float = 0.0,
        squeeze_z: float = 1.0,
        only_raise: bool = False,
    ) -> None:
        """Paint rods of the value ``hu``.

        ``inset_mm`` makes them thinner all round; ``squeeze_z`` < 1 makes their section taller than wide;
        ``only_raise`` leaves voxels that are brighter already.
        """
        for cone in cones:
            reach = max(cone.start_radius_mm, cone.stop_radius_mm) - inset_mm + self.blur_mm
            if reach <= self.blur_mm / 2:
                continue
            corners = np.array([cone.start, cone.stop])
            margin = np.array([reach, reach, reach / squeeze_z])
            box = self.box(corners.min(0) - margin, corners.max(0) + margin)
            if box is not None:
                self._paint(box, self._cone_distance(box, cone, squeeze_z) + inset_mm, hu, only_raise)

    def box(self, low_lps: npt.ArrayLike, high_lps: npt.ArrayLike) -> tuple[slice, slice, slice] | None:
        """Return the part of the array between two corners (LPS mm), or None where it lies outside."""
        slices = []
        limits = zip((self.x_mm, self.y_mm, self.z_mm), np.asarray(low_lps), np.asarray(high_lps), strict=True)
        for axis, low, high in limits:
            first, last = np.searchsorted(axis, low), np.searchsorted(axis, high, side="right")
            if first >= last:
                return None
            slices.append(slice(int(first), int(last)))
        return slices[2], slices[1], slices[0]

    def offsets(self, box: tuple[slice, slice, slice], origin: npt.ArrayLike) -> tuple[Float32, Float32, Float32]:
        """Return x, y, z of the voxels of ``box`` relative to ``origin``, to be broadcast to ``(k, j, i)``."""
        x, y, z = np.asarray(origin, dtype=np.float32)
        return (
            (self.x_mm[box[2]] - x)[None, None, :],
            (self.y_mm[box[1]] - y)[None, :, None],
            (self.z_mm[box[0]] - z)[:, None, None],
        )

    def paint_distance(self, box: tuple[slice, slice, slice], distance_mm: Float32, hu: float) -> None:
        """Paint ``hu`` where ``distance_mm`` (signed, on the voxels of ``box``) is negative."""
        self._paint(box, distance_mm, hu, only_raise=False)

    def _cone_distance(self, box: tuple[slice, slice, slice], cone: Cone, squeeze_z: float) -> Float32:
        scale = np.array([1, 1, squeeze_z], dtype=np.float32)
        x, y, z = self.offsets(box, cone.start)
        z = z * scale[2]
        axis = (np.array(cone.stop) - cone.start).astype(np.float32) * scale
        length2 = max(float(axis @ axis), 1e-6)
        along = x * axis[0] + y * axis[1] + z * axis[2]
        t = np.clip(along / length2, 0, 1)
        distance2 = (x * x + y * y + z * z) + t * (t * length2 - 2 * along)
        radius = cone.start_radius_mm + t * (cone.stop_radius_mm - cone.start_radius_mm)
        return np.asarray(np.sqrt(np.maximum(distance2, 0)) - radius, dtype=np.float32)

    def _paint(self, box: tuple[slice, slice, slice], distance_mm: Float32, hu: float, only_raise: bool) -> None:
        view = self.hu[box]
        share = np.clip(0.5 - distance_mm / self.blur_mm, 0, 1)
        change = hu - view
        view += share * (np.maximum(change, 0) if only_raise else change)


class _Upsampler:
    """Linear interpolation from the lattice to a slab of voxels, as three matrix products."""

    def __init__(self, lattice: Lattice, x_mm: Float32, y_mm: Float32, z_mm: Float32) -> None:
        self.x = _weights(lattice.x_mm, x_mm)
        self.y = _weights(lattice.y_mm, y_mm)
        self.z = _weights(lattice.z_mm, z_mm)

    def __call__(self, field: Float32) -> Float32:
        _, ny, nx = field.shape
        used = np.flatnonzero(self.z.any(axis=0))
        near = slice(used[0], used[-1] + 1)
        planes = (self.z[:, near] @ field[near].reshape(-1, ny * nx)).reshape(-1, ny, nx)
        return np.asarray((self.y @ planes) @ self.x.T, dtype=np.float32)


def _weights(knots: Float32, points: Float32) -> Float32:
    place = np.clip((points - knots[0]) / STEP_MM, 0, len(knots) - 1.001)
    low = place.astype(int)
    weights = np.zeros((len(points), len(knots)), dtype=np.float32)
    rows = np.arange(len(points))
    weights[rows, low] = 1 - (place - low)
    weights[rows, low + 1] = place - low
    return weights
