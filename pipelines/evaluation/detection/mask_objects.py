"""The objects of a mask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ....transforms.ras_from_lps import RAS_FROM_LPS
from ...records import Point
from .read_nifti_mask import read_nifti_mask

_EVERY_NEIGHBOUR = np.ones((3, 3, 3), bool)


@dataclass(frozen=True)
class MaskObject:
    """One object: centre of mass and edges of its box in LPS mm, and its largest value in a map beside the mask."""

    centre_lps_mm: Point
    size_mm: Point
    value: float


def mask_objects(path: Path, beside: Path | None = None) -> tuple[MaskObject, ...]:
    """Read a NIfTI mask: each connected part of each label (26 neighbours) is one object.

    Parameters
    ----------
    path : 0 is background; labels touching each other stay apart.
    beside : a map on the same grid (probabilities); without it every value is 1.

    Raises
    ------
    ValueError
        A file is no three-dimensional NIfTI image, or the map has another grid.
    """
    labels, affine = read_nifti_mask(path)
    values, other = (None, affine) if beside is None else read_nifti_mask(beside)
    if values is not None and (values.shape != labels.shape or not np.allclose(other, affine, atol=1e-3)):
        raise ValueError("the probability map has another grid than the mask")
    return tuple(_objects(labels, None if values is None else values.astype(np.float64), RAS_FROM_LPS @ affine))


def _objects(
    labels: npt.NDArray[np.generic], values: npt.NDArray[np.float64] | None, affine_lps: npt.NDArray[np.float64]
) -> Iterator[MaskObject]:
    for label in np.unique(labels[labels != 0]):
        parts, _ = ndimage.label(labels == label, structure=_EVERY_NEIGHBOUR)
        for n, block in enumerate(ndimage.find_objects(parts), 1):
            inside = parts[block] == n
            start = [s.start for s in block]
            yield MaskObject(
                _to_world(np.argwhere(inside).mean(axis=0) + start, affine_lps),
                _edges([s.stop - s.start for s in block], affine_lps),
                1.0 if values is None else float(values[block][inside].max()),
            )


def _to_world(ijk: npt.NDArray[np.float64], affine: npt.NDArray[np.float64]) -> Point:
    x, y, z = (float(v) for v in affine[:3, :3] @ ijk + affine[:3, 3])
    return x, y, z


def _edges(n_voxels: list[int], affine: npt.NDArray[np.float64]) -> Point:
    """Extent along x, y, z of a block of voxels, outer face to outer face."""
    x, y, z = (float(v) for v in np.abs(affine[:3, :3]) @ np.asarray(n_voxels, dtype=np.float64))
    return x, y, z
