"""A mask or a map of probabilities from NIfTI."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import numpy.typing as npt


def read_nifti_mask(path: Path) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.float64]]:
    """Read voxels ``(i, j, k)`` and the affine to RAS mm, the axes turned to the closest to RAS.

    Raises
    ------
    ValueError
        It is no three-dimensional NIfTI image with an invertible affine.
    """
    try:
        image = nib.as_closest_canonical(nib.load(path))
        voxels = np.asanyarray(image.dataobj)
    except (OSError, EOFError, ValueError, nib.filebasedimages.ImageFileError) as error:
        raise ValueError(f"it cannot be read as NIfTI ({type(error).__name__})") from None
    if voxels.ndim > 3 and all(n == 1 for n in voxels.shape[3:]):
        voxels = voxels.reshape(voxels.shape[:3])
    affine = np.asarray(image.affine, dtype=np.float64)
    if voxels.ndim != 3 or not np.isfinite(affine).all() or abs(np.linalg.det(affine)) < 1e-9:
        raise ValueError("it is no three-dimensional image with a place in space")
    return voxels, affine
