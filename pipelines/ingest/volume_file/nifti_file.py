"""NIfTI-1 and NIfTI-2 files: nibabel sees them in a worker only."""

from __future__ import annotations

from pathlib import Path

from ..sandbox.read_header import read_header
from .volume_header import VolumeHeader


def read_nifti_header(path: Path) -> VolumeHeader:
    """Read shape, type and place.

    Raises
    ------
    IngestError
        ``E_BAD_HEADER`` for what nibabel cannot read, ``E_BAD_AFFINE`` for another unit than mm.
    """
    return read_header(path, "nifti")
