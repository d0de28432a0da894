"""Scans on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

WriteNifti = Callable[..., Path]


@pytest.fixture
def write_nifti(small_chest) -> WriteNifti:
    """``write_nifti(path, change=0)`` writes the small chest, its first voxel moved by ``change`` HU."""

    def write(path: Path, change: int = 0) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        hu = small_chest.hu.copy()
        hu[0, 0, 0] += change
        affine_ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ small_chest.affine_lps
        nib.Nifti1Image(hu.transpose(2, 1, 0), affine_ras).to_filename(path)
        return path

    return write
