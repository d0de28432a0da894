"""MetaImage (.mha, .mhd) and NRRD (.nrrd, .nhdr) files by SimpleITK; the gate to it is :mod:`..itk_file`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from ..pixels.decode_fault import DecodeFault
from ..volume_file.data_file_bytes import data_file_bytes
from ..volume_file.text_header import TextHeader, read_text_header
from ..volume_file.volume_header import DEFLATE_MAX_RATIO, VolumeHeader

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


def parse_itk_header(path: Path) -> VolumeHeader:
    """Read shape, type and place.

    Raises
    ------
    IngestError
        ``E_BAD_HEADER`` for what is no such file, ``E_TRUNCATED`` where its data file is missing.
    """
    text = read_text_header(path)
    data_bytes = data_file_bytes(path, text)
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError:
        raise DecodeFault("E_BAD_HEADER") from None
    shape = tuple(int(n) for n in reader.GetSize())
    dtype = np.dtype(_DTYPES.get(reader.GetPixelID(), _OTHER))
    needed = int(np.prod(shape, dtype=object)) * dtype.itemsize
    ratio = DEFLATE_MAX_RATIO if text.compressed else 1
    missing = max(0, needed - ratio * data_bytes)
    return VolumeHeader(shape, dtype, int(reader.GetNumberOfComponents()), _affine(reader, text), missing)


def read_itk_voxels(path: Path) -> tuple[sitk.Image, npt.NDArray[np.generic]]:
    """Read the stored values ``(k, j, i)``; the array shows the memory of the image and must not outlive it.

    Raises
    ------
    IngestError
        ``E_DECODE`` where ITK cannot.
    """
    sitk.ProcessObject_SetGlobalDefaultNumberOfThreads(1)
    try:
        image = sitk.ReadImage(str(path))
    except RuntimeError as error:
        raise DecodeFault("memory" if "Failed to allocate memory" in str(error) else "decoder") from None
    array: npt.NDArray[np.generic] = sitk.GetArrayViewFromImage(image)
    return image, array.reshape(array.shape[-3:])


def _affine(reader: sitk.ImageFileReader, text: TextHeader) -> npt.NDArray[np.float64] | None:
    axes = reader.GetDimension()
    if not text.placed or axes < 3:
        return None
    direction = np.asarray(reader.GetDirection()).reshape(axes, axes)[:3, :3]
    affine = np.eye(4)
    affine[:3, :3] = direction * np.asarray(reader.GetSpacing())[:3]
    affine[:3, 3] = reader.GetOrigin()[:3]
    return affine
