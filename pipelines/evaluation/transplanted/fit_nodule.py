"""A nodule as the slices and pixels of another scan would show it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ....transforms.coarse_mask import box_around
from ...training.cut_nodule import to_nodule
from ...training.lidc_nodules import LidcRecord
from ...training.nodule import F32, Nodule
from ...training.transplant import Pose, posed

_FINEST_MM = 0.7
"""Voxels the nodule is turned on are no coarser: pixels of the patches measure 0.46 to 0.98 mm."""


@dataclass(frozen=True, eq=False)
class FittedNodule:
    """A nodule on a scan's voxels ``(k, j, i)``, axes towards head, back and left; cut to where it is pasted.

    weighted_hu : CT values times opacity, which can be interpolated where opacity falls to 0.
    opacity : how much of each voxel is pasted.
    mask : the readers' majority outline.
    centre_kji : centre of mass of the outline, in these voxels (continuous).
    """

    weighted_hu: F32
    opacity: F32
    mask: npt.NDArray[np.bool_]
    centre_kji: npt.NDArray[np.float64]


def fit_nodule(
    record: LidcRecord, spacing_kji_mm: tuple[float, float, float], rng: np.random.Generator
) -> FittedNodule | None:
    """Turn and mirror an outlined nodule, unscaled, and sample it as slices of this spacing and thickness.

    Each slice is the mean over its thickness, taken as the slice spacing. None where no voxel of the scan's grid lies
    in the outline.
    """
    thick, *pixel = spacing_kji_mm
    parts = _parts(thick)
    flips = (bool(rng.random() < 0.5), bool(rng.random() < 0.5), bool(rng.random() < 0.5))
    pose = Pose(float(rng.uniform(0, 2 * np.pi)), 1.0, flips, float(parts))
    fine_mm = thick / parts
    nodule = posed(_with_room(to_nodule(record, fine_mm), int(rng.integers(parts))), pose)
    # slices at the multiples of `parts`, where a blurred nodule holds whole means; pixels anywhere
    steps = np.array([float(parts), *(mm / fine_mm for mm in pixel)])
    shift = np.array([0.0, *rng.uniform(0, 1, 2)])
    opacity, votes, weighted = (
        _sample(a, steps, shift) for a in (nodule.opacity, nodule.votes, nodule.hu * nodule.opacity)
    )
    mask = votes >= 0.5
    if not mask.any():
        return None
    first, last = box_around((opacity > 0) | mask)
    pasted = tuple(map(slice, first, last))
    centre = np.array(ndimage.center_of_mass(nodule.votes >= 0.5)) / steps + shift
    return FittedNodule(weighted[pasted], opacity[pasted], mask[pasted], centre - first)


def _parts(slice_mm: float) -> int:
    """Return the least odd number that divides a slice finely enough: means over it then have a middle voxel."""
    whole = int(np.ceil(slice_mm / _FINEST_MM))
    return whole + 1 - whole % 2


def _with_room(nodule: Nodule, below: int) -> Nodule:
    """Widen a nodule's arrays so that none of it leaves them when it is turned about the body axis.

    ``below`` voxels are put before them, else its end would lie at a slice's middle in every scan.
    """
    _, rows, columns = nodule.hu.shape
    edge = int(np.ceil(np.hypot(rows, columns)))
    room = [(below, 0), *(((edge - n) // 2, edge - n - (edge - n) // 2) for n in (rows, columns))]
    votes, opacity = np.pad(nodule.votes, room), np.pad(nodule.opacity, room)
    return dataclasses.replace(nodule, hu=np.pad(nodule.hu, room, mode="edge"), votes=votes, opacity=opacity)


def _sample(array: F32, steps: npt.NDArray[np.float64], shift: npt.NDArray[np.float64]) -> F32:
    """Take every ``steps``-th voxel, linearly between them, voxel ``shift`` of the result at the first; 0 outside."""
    shape = tuple(int(n) for n in np.ceil((np.array(array.shape) - 1) / steps + shift) + 1)
    sampled = ndimage.affine_transform(array, steps, -shift * steps, shape, order=1, mode="constant", cval=0.0)
    return np.asarray(sampled, dtype=np.float32)
