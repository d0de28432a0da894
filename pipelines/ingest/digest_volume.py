"""One hash for a volume, whatever format it came in."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

AFFINE_DECIMALS = 4  # 0.0001 mm: above the rounding of the float32 that NIfTI stores, below anything that matters


def digest_volume(hu: npt.NDArray[np.int16] | npt.NDArray[np.float32], affine_lps: npt.NDArray[np.float64]) -> str:
    """Give the SHA-256 over voxels ``(k, j, i)``, their type, shape and the rounded affine."""
    digest = hashlib.sha256(f"{hu.dtype.str} {hu.shape}".encode())
    # by way of float32, so that a value on the edge of rounding falls to the same side from either format
    rounded = np.round(affine_lps.astype(np.float32).astype(np.float64), AFFINE_DECIMALS) + 0.0
    digest.update(np.ascontiguousarray(rounded, "<f8").tobytes())
    digest.update(np.ascontiguousarray(hu, hu.dtype.newbyteorder("<")).data)
    return digest.hexdigest()
