"""A NIfTI file of labels, on the grid of the image it belongs to."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import numpy.typing as npt

from ...transforms.grid import Grid
from ...transforms.ras_from_lps import RAS_FROM_LPS
from ..ingest.ingest_error import IngestError
from ..records import Index
from .label_limits import most_voxels
from .same_voxels import same_voxels

_LARGEST = 2**15


def read_label_file(path: Path, image: Grid) -> tuple[npt.NDArray[np.int32], Index]:
    """Read whole numbers ``(k, j, i)`` and where in the image they start; axes are turned as the image's.

    Raises
    ------
    IngestError
        ``E_LABEL_UNREADABLE`` where the file is no NIfTI of whole numbers from 0 on, or is larger than any mask of the
        image; ``E_LABEL_GRID`` where its voxels are not voxels of the image, or some that are set lie outside of it.
    """
    try:
        file = nib.load(path)
        _check_header(file, image)
        values = np.asanyarray(file.dataobj)
        affine = RAS_FROM_LPS @ file.affine
    except IngestError:
        raise
    except Exception as error:  # noqa: BLE001 - nibabel raises of every kind on damaged files
        raise IngestError("E_LABEL_UNREADABLE", f"({type(error).__name__})") from None
    while values.ndim > 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.dtype.kind == "f" and not np.array_equal(values, np.rint(values)):
        raise IngestError("E_LABEL_UNREADABLE", "(it holds values that are no whole numbers)")
    if values.min() < 0 or values.max() > _LARGEST:
        raise IngestError("E_LABEL_UNREADABLE", f"(found {values.min():g} to {values.max():g})")
    whole = values.transpose(2, 1, 0).astype(np.int32)
    k, j, i = whole.shape
    return same_voxels(whole, Grid((k, j, i), affine), image)


def _check_header(file: Any, image: Grid) -> None:
    """Refuse, before any voxel is read, what is no volume or asks for more memory than a mask of the image may."""
    shape, kind = tuple(int(n) for n in file.shape), file.get_data_dtype()
    if len(shape) < 3 or set(shape[3:]) > {1} or 0 in shape or kind.kind not in "uifb":
        raise IngestError("E_LABEL_UNREADABLE", f"(found {len(shape)} dimensions of {kind}, expected 3 of numbers)")
    most = most_voxels(math.prod(image.shape_kji))
    if math.prod(shape) > most:
        raise IngestError("E_LABEL_UNREADABLE", f"(found {math.prod(shape)} voxels, expected at most {most})")
    if not np.isfinite(file.affine).all():
        raise IngestError("E_LABEL_GRID", "(its affine is not finite)")
