"""Put a volume onto another grid, so that every voxel stands where its affine says."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from monai.transforms.transform import MapTransform
from scipy import ndimage

from .grid import FloatArray, Grid, grid_of, to_metatensor
from .model_grid import model_grid

Mode = Literal["linear", "nearest"]
Array = npt.NDArray[Any]

AIR_HU = -1024.0
# a grid pair whose axes stay parallel to this part of a source voxel over the whole target is resampled axis by axis
SEPARABLE_TOLERANCE_VOXELS = 1e-3
# rounding of the affines: a sample on the outer face of the volume still counts as inside
FACE_TOLERANCE_VOXELS = 1e-6


def resample(array: Array, source: Grid, target: Grid, *, mode: Mode = "linear", fill: float) -> Array:
    """Sample ``array`` ``(k, j, i)`` on ``source`` at the voxel centres of ``target``.

    Linear returns float32, nearest keeps the type (for labels). Between the centre of the outermost voxel and its
    outer face the edge value holds; beyond stands ``fill``. Grids whose axes are parallel (permuted, flipped, any
    spacing and origin) are done slice by slice with an exact index and weight per axis; other pairs (sheared, oblique)
    with a general affine map. No copy of the source volume is made.
    """
    if array.shape != source.shape_kji:
        raise ValueError(f"array shape {array.shape} does not match its grid {source.shape_kji}")
    if mode not in ("linear", "nearest"):
        raise ValueError(f"expected mode linear or nearest, found {mode!r}")
    matrix, offset = _target_to_source(source, target)
    axes = _parallel_axes(matrix, target.shape_kji)
    if axes is None:
        return _resample_affine(array, matrix, offset, target.shape_kji, mode, fill)
    coordinates = [matrix[a, axes[a]] * np.arange(target.shape_kji[axes[a]]) + offset[a] for a in range(3)]
    sample = _sample_linear if mode == "linear" else _sample_nearest
    result = np.empty(target.shape_kji, np.float32 if mode == "linear" else array.dtype)
    in_source_order = result.transpose(axes)
    sample(array, coordinates, in_source_order)
    for axis, where in enumerate(coordinates):
        outside = _outside(where, array.shape[axis])
        if outside.any():
            np.moveaxis(in_source_order, axis, 0)[outside] = fill
    return result


def _target_to_source(source: Grid, target: Grid) -> tuple[FloatArray, FloatArray]:
    """Matrix and offset from target to source array coordinates, both ``(k, j, i)``."""
    affine = np.asarray(np.linalg.solve(source.affine_lps, target.affine_lps), dtype=np.float64)
    return affine[2::-1, 2::-1], affine[2::-1, 3]


def _parallel_axes(matrix: FloatArray, shape: tuple[int, int, int]) -> tuple[int, int, int] | None:
    """Return the target axis of each source axis, or None where the axes are not parallel."""
    drift = np.abs(matrix) * np.maximum(np.array(shape) - 1, 1)
    axes = np.abs(matrix).argmax(axis=1)
    drift[np.arange(3), axes] = 0
    if len(set(axes.tolist())) < 3 or drift.max() > SEPARABLE_TOLERANCE_VOXELS:
        return None
    return int(axes[0]), int(axes[1]), int(axes[2])


def _outside(coordinates: FloatArray, size: int) -> npt.NDArray[np.bool_]:
    reach = 0.5 + FACE_TOLERANCE_VOXELS
    return np.asarray((coordinates < -reach) | (coordinates > size - 1 + reach))


def _neighbours(coordinates: FloatArray, size: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """Lower neighbour and weight of the upper one, with the edge value held outside."""
    inside = np.clip(coordinates, 0, size - 1)
    lower = np.minimum(inside.astype(np.intp), max(size - 2, 0))
    return lower, (inside - lower).astype(np.float32)


def _column_weights(coordinates: FloatArray, size: int) -> tuple[slice, torch.Tensor]:
    """Interpolation of the last axis as a matrix: the columns in use and their weights ``(columns, n)``."""
    lower, weight = _neighbours(coordinates, size)
    first, last = int(lower.min()), int(min(lower.max() + 2, size))
    weights = np.zeros((last - first, len(lower)), np.float32)
    n = np.arange(len(lower))
    weights[lower - first, n] = 1 - weight
    weights[np.minimum(lower - first + 1, last - first - 1), n] += weight
    return slice(first, last), torch.from_numpy(weights)


def _sample_linear(array: Array, coordinates: Sequence[FloatArray], result: Array) -> None:
    """Fill ``result`` slice by slice; each source slice in use is read once."""
    lower, weight = _neighbours(coordinates[0], array.shape[0])
    rows, row_weight = _neighbours(coordinates[1], array.shape[1])
    upper_rows = torch.from_numpy(np.minimum(rows + 1, array.shape[1] - 1))
    columns, column_weights = _column_weights(coordinates[2], array.shape[2])
    held: dict[int, torch.Tensor] = {}

    def plane(k: int) -> torch.Tensor:
        pixels = torch.from_numpy(np.array(array[k, :, columns], dtype=np.float32))
        between = torch.lerp(pixels[torch.from_numpy(rows)], pixels[upper_rows], torch.from_numpy(row_weight)[:, None])
        return between @ column_weights

    for n in range(len(lower)):
        pair = (int(lower[n]), int(min(lower[n] + 1, array.shape[0] - 1)))
        held = {k: held[k] if k in held else plane(k) for k in pair}
        result[n] = torch.lerp(held[pair[0]], held[pair[1]], float(weight[n])).numpy()


def _sample_nearest(array: Array, coordinates: Sequence[FloatArray], result: Array) -> None:
    k, j, i = (
        np.clip(np.floor(where + 0.5), 0, size - 1).astype(np.intp)
        for where, size in zip(coordinates, array.shape, strict=True)
    )
    for n, slice_k in enumerate(k):
        result[n] = array[slice_k][np.ix_(j, i)]


def _resample_affine(
    array: Array, matrix: FloatArray, offset: FloatArray, shape: tuple[int, int, int], mode: Mode, fill: float
) -> Array:
    dtype = np.float32 if mode == "linear" else array.dtype
    order = 1 if mode == "linear" else 0
    result: Array = ndimage.affine_transform(
        array, matrix, offset, shape, dtype, order=order, mode="nearest", prefilter=False
    )
    k, j, i = (np.arange(n) for n in shape)
    for n in k:
        for axis, size in enumerate(array.shape):
            where = matrix[axis, 0] * n + offset[axis] + matrix[axis, 1] * j[:, None] + matrix[axis, 2] * i
            result[n][_outside(where, size)] = fill
    return result


class ToModelGridd(MapTransform):  # type: ignore[misc]  # MONAI ships no types
    """Resample HU ``(1, k, j, i)`` onto the model grid over a region of the source.

    ``region_key`` holds the region as source array indices (start, stop), each ``(k, j, i)`` (:class:`.LungRegiond`);
    None takes the whole scan. Beyond the region up to the padded shape stands what the scan holds there, beyond the
    scan air (-1024 HU). Adds ``source_grid`` and ``model_grid`` (:class:`.Grid`). The result is a float32 MetaTensor.
    """

    def __init__(
        self,
        keys: Hashable | Sequence[Hashable],
        spacing_mm: float = 1.0,
        divisor: int = 16,
        region_key: Hashable | None = "lung_box",
        allow_missing_keys: bool = False,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.spacing_mm, self.divisor, self.region_key = spacing_mm, divisor, region_key

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Return a copy of ``data`` with its keys on the model grid."""
        result = dict(data)
        for key in self.key_iterator(result):
            source = grid_of(data[key])
            start, stop = data[self.region_key] if self.region_key is not None else ((0, 0, 0), source.shape_kji)
            target = model_grid(source, start, stop, self.spacing_mm, self.divisor)
            hu = data[key].as_tensor().cpu().numpy()[0]
            result[key] = to_metatensor(resample(hu, source, target, fill=AIR_HU)[None], target)
            result |= {"source_grid": source, "model_grid": target}
        return result
