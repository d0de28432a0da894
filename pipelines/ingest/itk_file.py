"""MetaImage (.mha, .mhd) and NRRD (.nrrd, .nhdr) files, read by SimpleITK behind a gate of our own.

ITK fills in what a header does not say (spacing 1, origin 0) and follows any path named in it: the gate refuses both.
"""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from .ingest_error import IngestError
from .text_header import TextHeader, read_text_header
from .volume_header import DEFLATE_MAX_RATIO, VolumeHeader

sitk.ProcessObject_SetGlobalWarningDisplay(False)  # its warnings print file names

_DTYPES = {
    sitk.sitkInt8: "i1",
    sitk.sitkUInt8: "u1",
    sitk.sitkInt16: "i2",
    sitk.sitkUInt16: "u2",
    sitk.sitkInt32: "i4",
    sitk.sitkUInt32: "u4",
    sitk.sitkInt64: "i8",
    sitk.sitkUInt64: "u8",
    sitk.sitkFloat32: "f4",
    sitk.sitkFloat64: "f8",
}
_OTHER = "V1"


def read_itk_header(path: Path) -> VolumeHeader:
    """Read shape, type and place.

    Raises
    ------
    IngestError
        ``E_BAD_HEADER`` for what is no such file, ``E_TRUNCATED`` where its data file is missing.
    """
    text = read_text_header(path)
    if not text.known_coding:
        raise IngestError("E_DECODE", "(neither raw nor gzip)")
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        data_bytes = _regular_size(text.data_path or path) - (0 if text.data_path else text.header_bytes)
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise IngestError("E_BAD_HEADER", f"({type(error).__name__})") from None
    shape = tuple(int(n) for n in reader.GetSize())
    dtype = np.dtype(_DTYPES.get(reader.GetPixelID(), _OTHER))
    needed = int(np.prod(shape, dtype=object)) * dtype.itemsize
    ratio = DEFLATE_MAX_RATIO if text.compressed else 1
    missing = max(0, needed - ratio * data_bytes)
    return VolumeHeader(shape, dtype, int(reader.GetNumberOfComponents()), _affine(reader, text), missing)


def read_itk_voxels(path: Path) -> npt.NDArray[np.generic]:
    """Read the stored values ``(k, j, i)``.

    Raises
    ------
    IngestError
        ``E_DECODE`` where ITK cannot.
    """
    try:
        array: npt.NDArray[np.generic] = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    except RuntimeError:
        raise IngestError("E_DECODE") from None
    return array.reshape(array.shape[-3:])


def _regular_size(path: Path) -> int:
    try:
        status = path.lstat()
    except OSError:
        raise IngestError("E_TRUNCATED", "(the data file is missing)") from None
    if not stat.S_ISREG(status.st_mode):
        raise IngestError("E_BAD_HEADER", "(the data file is no regular file)")
    return status.st_size


def _affine(reader: sitk.ImageFileReader, text: TextHeader) -> npt.NDArray[np.float64] | None:
    axes = reader.GetDimension()
    if not text.placed or axes < 3:
        return None
    direction = np.asarray(reader.GetDirection()).reshape(axes, axes)[:3, :3]
    affine = np.eye(4)
    affine[:3, :3] = direction * np.asarray(reader.GetSpacing())[:3]
    affine[:3, 3] = reader.GetOrigin()[:3]
    return affine
