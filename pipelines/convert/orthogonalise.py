"""A volume on a sheared grid to one whose axes stand at right angles."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from ..ingest.digest_volume import digest_volume
from ..ingest.ingest_error import IngestError
from ..records import Index, Volume
from ..results.is_sheared import is_sheared

PADDING_HU = -1024  # outside of the scan; air is -1000
MAX_GROWTH = 4  # a gantry tilt of 30 degrees over a length of 400 mm needs not twice the voxels

_ON_THE_GRID = 1e-6  # voxels: what rounding leaves of a whole number


def orthogonalise(volume: Volume) -> Volume:
    """Resample by linear interpolation; a volume that is not sheared comes back as it is.

    The direction and spacing of i stay as they are, those of j where it stands at a right angle to i (as in DICOM),
    and the planes of the slices. The new grid holds every voxel centre of the old one; what lies outside of that is
    -1024 HU. The record gets ``W_ORTHOGONALISED``.

    Raises
    ------
    IngestError
        ``E_TOO_LARGE``: the shear is such that the new grid would have more than four times the voxels.
    """
    if not is_sheared(volume.affine_lps):
        return volume
    axes, old_from_new, first, shape_ijk = _new_grid(volume.affine_lps, volume.hu.shape[::-1])
    affine = np.eye(4)
    affine[:3, :3] = axes
    affine[:3, 3] = volume.affine_lps[:3, 3] + axes @ first
    hu = _resample(volume.hu, old_from_new, first, shape_ijk)
    codes = (*volume.codes, "W_ORTHOGONALISED")
    spacing = np.linalg.norm(axes, axis=0)
    plan = dataclasses.replace(
        volume.plan,
        affine_lps=affine,
        shape_ijk=shape_ijk,
        spacing_mm=(float(spacing[0]), float(spacing[1]), float(spacing[2])),
        codes=codes,
    )
    digest = digest_volume(hu, affine)
    return dataclasses.replace(volume, hu=hu, affine_lps=affine, plan=plan, codes=codes, digest=digest)


def _new_grid(
    affine: npt.NDArray[np.float64], shape_ijk: tuple[int, ...]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64], Index]:
    """Axes of the new grid (columns, mm), old indices from new ones (3x3), its first index in its own terms, shape."""
    old = affine[:3, :3]
    rotation, upper = np.linalg.qr(old)
    axes = rotation * np.diag(upper)  # Gram-Schmidt: each axis less its parts along the earlier ones
    new_from_old = np.linalg.solve(axes, old)
    last = np.asarray(shape_ijk) - 1
    corners = np.array([[i, j, k] for i in (0, last[0]) for j in (0, last[1]) for k in (0, last[2])]) @ new_from_old.T
    first = np.floor(corners.min(axis=0) + _ON_THE_GRID)
    counts = np.ceil(corners.max(axis=0) - _ON_THE_GRID) - first + 1
    if np.prod(counts) > MAX_GROWTH * np.prod(np.asarray(shape_ijk, np.float64)):
        raise IngestError("E_TOO_LARGE", f"(a grid with right angles needs more than {MAX_GROWTH} times the voxels)")
    i, j, k = (int(count) for count in counts)
    return axes, np.linalg.inv(new_from_old), first, (i, j, k)


def _resample(
    hu: npt.NDArray[np.int16] | npt.NDArray[np.float32],
    old_from_new: npt.NDArray[np.float64],
    first: npt.NDArray[np.float64],
    shape_ijk: Index,
) -> npt.NDArray[np.int16] | npt.NDArray[np.float32]:
    from scipy.ndimage import affine_transform  # late: only a sheared volume needs it

    resampled: npt.NDArray[np.int16] | npt.NDArray[np.float32] = affine_transform(
        hu,
        _snapped(old_from_new[::-1, ::-1]),  # (k, j, i)
        offset=_snapped((old_from_new @ first)[::-1]),
        output_shape=shape_ijk[::-1],
        output=hu.dtype,
        order=1,
        mode="constant",
        cval=PADDING_HU,
    )
    return resampled


def _snapped(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Whole numbers where rounding left nearly whole ones: a plane a hair outside of the volume would be padding."""
    whole = np.rint(numbers)
    return np.where(np.abs(numbers - whole) < 1e-9, whole, numbers)
