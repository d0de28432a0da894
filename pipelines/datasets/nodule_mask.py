"""The mask of a nodule: a part of the image's grid, one bit per reader."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...transforms.grid import Grid
from ..ingest.ingest_error import IngestError
from ..records import Index
from ..results.atomic_write import atomic_write
from ..results.nifti_bytes import nifti_bytes
from .read_label_file import read_label_file

MOST_READERS = 8


@dataclass(frozen=True, eq=False)
class NoduleMask:
    """``bits`` (uint8 ``(k, j, i)``, bit q set where reader q outlined the nodule) at ``start_kji`` of the image."""

    start_kji: Index
    bits: npt.NDArray[np.uint8]


def write_nodule_mask(mask: NoduleMask, image: Grid, path: Path) -> None:
    """Write a mask as NIfTI in its place, whole or not at all; the folder is made where missing."""
    k, j, i = mask.bits.shape
    part = image.crop(mask.start_kji, (k, j, i))
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(path, nifti_bytes(np.ascontiguousarray(mask.bits), part.affine_lps))


def read_nodule_mask(path: Path, image: Grid) -> NoduleMask:
    """Read a mask and lay it on the image's grid, whatever way its axes run.

    Raises
    ------
    IngestError
        ``E_LABEL_UNREADABLE`` where it is no NIfTI of whole numbers from 0 to 255; ``E_LABEL_GRID`` where its voxels
        are not voxels of the image.
    """
    values, start_kji = read_label_file(path, image)
    if values.max() >= 2**MOST_READERS:
        raise IngestError("E_LABEL_UNREADABLE", f"(found {values.max()}, expected one bit for each of {MOST_READERS})")
    return NoduleMask(start_kji, values.astype(np.uint8))
