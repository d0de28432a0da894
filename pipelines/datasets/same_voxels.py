"""An array on a part of another grid, whatever way its axes run."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ...transforms.grid import Grid
from ..ingest.ingest_error import IngestError
from ..records import Index

Scalar = TypeVar("Scalar", bound=np.generic)

OFF_GRID_VOXELS = 0.05
"""How far a voxel may lie from the image's own, at worst: float32 affines and rounded decimal strings stay below it."""


def same_voxels(array: npt.NDArray[Scalar], own: Grid, image: Grid) -> tuple[npt.NDArray[Scalar], Index]:
    """Turn an array ``(k, j, i)`` so that its axes run as the image's, and say where in the image it starts.

    Nothing is interpolated. What lies outside of the image is cut off; it must be empty.

    Raises
    ------
    IngestError
        ``E_LABEL_GRID`` where the voxels are not voxels of the image, or some that are set lie outside of it.
    """
    to_image = np.linalg.solve(image.affine_lps, own.affine_lps)
    turn = np.rint(to_image[:3, :3])
    if not np.array_equal(np.abs(turn) @ np.ones(3), np.ones(3)) or not np.array_equal(turn @ turn.T, np.eye(3)):
        raise _not_the_grid(image, own, float("nan"))
    last = np.array(own.shape_kji[::-1]) - 1
    corners = np.array(list(np.ndindex(2, 2, 2))) * last
    exact = corners @ to_image[:3, :3].T + to_image[:3, 3]
    whole = corners @ turn.T + np.rint(exact[0])
    off = float(np.abs(exact - whole).max())
    if off > OFF_GRID_VOXELS:
        raise _not_the_grid(image, own, off)
    axes = np.abs(turn).argmax(axis=1)  # the own axis (i, j, k) that runs along each of the image's
    flips = turn[range(3), axes] < 0
    turned = array.transpose([2 - int(axis) for axis in axes[::-1]])
    turned = turned[tuple(slice(None, None, -1 if flip else 1) for flip in flips[::-1])]
    return _cut(turned, whole.min(axis=0)[::-1].astype(int), image)


def _cut(array: npt.NDArray[Scalar], start: npt.NDArray[np.int_], image: Grid) -> tuple[npt.NDArray[Scalar], Index]:
    low = np.maximum(start, 0)
    high = np.minimum(start + array.shape, image.shape_kji)
    if (high <= low).any():
        raise IngestError("E_LABEL_GRID", "(it lies outside of the image)")
    k, j, i = (int(value) for value in low)
    kept = array[tuple(slice(a, b) for a, b in zip(low - start, high - start, strict=True))]
    lost = 0 if kept.shape == array.shape else int(np.count_nonzero(array) - np.count_nonzero(kept))
    if lost:
        raise IngestError("E_LABEL_GRID", f"({lost} of its voxels lie outside of the image)")
    return kept, (k, j, i)


def _not_the_grid(image: Grid, own: Grid, off: float) -> IngestError:
    def shown(grid: Grid) -> str:
        return "x".join(f"{mm:.4g}" for mm in grid.spacing_mm)

    far = "" if np.isnan(off) else f"; voxels are up to {off:.2g} voxels off"
    return IngestError("E_LABEL_GRID", f"(found {shown(own)} mm, expected the image's {shown(image)} mm{far})")
