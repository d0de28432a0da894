"""NIfTI-1 and NIfTI-2 files by nibabel, in the terms of this package: LPS and ``(k, j, i)``."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import numpy.typing as npt
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError

from ....transforms.ras_from_lps import RAS_FROM_LPS
from ..pixels.decode_fault import DecodeFault
from ..volume_file.volume_header import DEFLATE_MAX_RATIO, VolumeHeader
from .header_numbers import CONFLICT

SAME_PLACE_MM = 0.5  # sform and qform further apart are two statements, not rounding

_MM_UNITS = ("mm", "unknown")
_FAULTS = (OSError, EOFError, ValueError, zlib.error, OverflowError, LookupError, TypeError, HeaderDataError)


def parse_nifti_header(path: Path) -> VolumeHeader:
    """Read shape, type and place.

    Raises
    ------
    IngestError
        ``E_BAD_HEADER`` for what nibabel cannot read, ``E_BAD_AFFINE`` for another unit than mm.
    """
    image, file_bytes = _load(path), path.stat().st_size
    try:
        return _header(image, file_bytes, is_compressed=path.suffix.lower() != ".nii")
    except _FAULTS:
        raise DecodeFault("E_BAD_HEADER") from None


def read_nifti_voxels(path: Path) -> tuple[npt.NDArray[np.generic], float, float]:
    """Read the stored values ``(k, j, i)`` with slope and intercept.

    Raises
    ------
    IngestError
        ``E_TRUNCATED`` where the data end early, ``E_DECODE`` for anything else.
    """
    try:
        proxy = _load(path).dataobj
        stored = np.asarray(proxy.get_unscaled())
    except (EOFError, zlib.error):
        raise DecodeFault("cut short") from None
    except _FAULTS as error:
        raise DecodeFault("cut short" if "Expected" in str(error) else "decoder") from None
    stored = stored.reshape(stored.shape[:3], order="A")
    return stored.T, float(proxy.slope), float(proxy.inter)


def _load(path: Path) -> Any:
    try:
        image = nibabel.load(path, mmap=False)  # a mapped file that shrinks would kill the process
    except (ImageFileError, *_FAULTS):
        raise DecodeFault("E_BAD_HEADER") from None
    if not isinstance(image, nibabel.Nifti1Image):
        raise DecodeFault("E_BAD_HEADER")
    return image


def _header(image: Any, file_bytes: int, is_compressed: bool) -> VolumeHeader:
    header = image.header
    unit = header.get_xyzt_units()[0]
    if unit not in _MM_UNITS:
        raise DecodeFault("unit")
    shape = tuple(int(n) for n in image.shape)
    sform = image.get_sform(coded=True)[0]
    qform = _qform(image, must_be_good=sform is None)
    place = qform if sform is None else sform
    affine = None if place is None else RAS_FROM_LPS @ np.asarray(place, np.float64)
    needed = int(image.dataobj.offset) + int(np.prod(shape, dtype=object)) * header.get_data_dtype().itemsize
    missing = max(0, needed - (DEFLATE_MAX_RATIO if is_compressed else 1) * file_bytes)
    conflict = sform is not None and qform is not None and _far_apart(sform, qform, shape)
    return VolumeHeader(shape, header.get_data_dtype(), 1, affine, missing, (CONFLICT,) if conflict else ())


def _qform(image: Any, must_be_good: bool) -> npt.NDArray[np.float64] | None:
    """Give None where the file has none; a faulty one matters only where it is needed."""
    try:
        qform: npt.NDArray[np.float64] | None = image.get_qform(coded=True)[0]
    except _FAULTS:
        if must_be_good:
            raise
        return None
    return qform


def _far_apart(sform: npt.NDArray[np.float64], qform: npt.NDArray[np.float64], shape: tuple[int, ...]) -> bool:
    ni, nj, nk = (*shape, 1, 1)[:3]
    corners = np.array([[i, j, k, 1] for i in (0, ni) for j in (0, nj) for k in (0, nk)])
    return bool(np.abs(corners @ (sform - qform).T).max() > SAME_PLACE_MM)
