"""An array on its grid as the bytes of a ``.nii.gz`` file."""

from __future__ import annotations

import gzip
import io

import numpy as np
import numpy.typing as npt
from nibabel.nifti1 import Nifti1Header

from ...transforms.ras_from_lps import RAS_FROM_LPS
from .is_sheared import is_sheared

_COMPRESSION = 1  # higher levels take up to ten times longer for a few percent


def nifti_bytes(voxels: npt.NDArray[np.generic], affine_lps: npt.NDArray[np.float64]) -> bytes:
    """Encode as NIfTI-1, little endian, in RAS mm; the same bytes for the same content, and no text in them.

    Parameters
    ----------
    voxels
        C-contiguous ``(k, j, i)``, of a type that NIfTI has.
    affine_lps
        4x4, voxel (i, j, k) to LPS mm. It stands in sform and qform, both with code 1; a sheared grid has no
        quaternion, so its qform code is 0 and the sform alone says where it is.

    Raises
    ------
    ValueError
        The voxels do not lie in C order.
    nibabel.spatialimages.HeaderDataError
        A side longer than 32767, or a type unknown to NIfTI.
    """
    if not voxels.flags.c_contiguous:
        raise ValueError("voxels must be C-contiguous")
    header = _header(voxels, RAS_FROM_LPS @ affine_lps)
    packed = io.BytesIO()  # without a name: none goes into the file
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=_COMPRESSION, mtime=0) as stream:
        stream.write(header.binaryblock + bytes(4))
        # (k, j, i) in C order is (i, j, k) in the Fortran order of NIfTI: the bytes need no transposition
        for plane in voxels.astype(voxels.dtype.newbyteorder("<"), copy=False):
            stream.write(plane.data)
    return packed.getvalue()


def _header(voxels: npt.NDArray[np.generic], affine_ras: npt.NDArray[np.float64]) -> Nifti1Header:
    header = Nifti1Header(endianness="<")
    header.set_data_dtype(voxels.dtype)
    header.set_data_shape(voxels.shape[::-1])
    header.set_xyzt_units("mm")
    header.set_sform(affine_ras, code=1)
    header.set_qform(affine_ras, code=0 if is_sheared(affine_ras) else 1, strip_shears=True)
    header["scl_slope"], header["scl_inter"] = 1, 0
    header["vox_offset"], header["magic"] = 352, b"n+1"
    return header
