"""``nodules.nii.gz``: the findings as a label map on the grid of the source."""

from __future__ import annotations

import gzip
import io

import numpy as np
import numpy.typing as npt
from nibabel.nifti1 import Nifti1Header

from ...transforms.ras_from_lps import RAS_FROM_LPS
from ..records import CaseResult, Index, Volume

_SHEAR_TOLERANCE = 1e-5  # cosine between axes that float32 header fields cannot tell from 0
_COMPRESSION = 1  # a label map is nearly empty: higher levels take ten times longer for little


def nodules_nifti(result: CaseResult, volume: Volume | None) -> bytes | None:
    """Encode the label map (value = ``finding_id``), or return None for a case without a grid.

    uint8, or uint16 for ids above 255. The affine stands in sform and qform, both with code 1; a sheared grid has no
    quaternion, so its qform code is 0. Where masks overlap the more probable finding keeps the voxel.

    Raises
    ------
    ValueError
        A mask that does not fit the grid.
    """
    if volume is None or result.shape_ijk is None or result.affine_lps is None:
        return None
    labels = _label_map(result, result.shape_ijk)
    header = _header(labels, RAS_FROM_LPS @ result.affine_lps)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=_COMPRESSION, mtime=0) as stream:
        stream.write(header.binaryblock + bytes(4))
        # (k, j, i) in C order is (i, j, k) in the Fortran order of NIfTI: the bytes need no transposition
        stream.write(labels.data)
    return packed.getvalue()


def _label_map(result: CaseResult, shape_ijk: Index) -> npt.NDArray[np.uint8] | npt.NDArray[np.uint16]:
    """Draw all masks into one array ``(k, j, i)``."""
    largest = max((finding.finding_id for finding in result.findings), default=0)
    labels = np.zeros(shape_ijk[::-1], dtype=np.uint8 if largest <= 255 else np.uint16)
    for finding in sorted(result.findings, key=lambda f: f.finding_id, reverse=True):
        start, voxels = np.array(finding.mask.start_kji), finding.mask.voxels
        if (start < 0).any() or (start + voxels.shape > labels.shape).any():
            raise ValueError(
                f"mask of finding {finding.finding_id} covers {voxels.shape} from {tuple(start.tolist())}, "
                f"the grid is {labels.shape}"
            )
        k, j, i = (slice(a, a + n) for a, n in zip(start.tolist(), voxels.shape, strict=True))
        labels[k, j, i][voxels] = finding.finding_id
    return labels


def _header(labels: npt.NDArray[np.generic], affine_ras: npt.NDArray[np.float64]) -> Nifti1Header:
    header = Nifti1Header(endianness="<")
    header.set_data_dtype(labels.dtype)
    header.set_data_shape(labels.shape[::-1])
    header.set_xyzt_units("mm")
    header.set_sform(affine_ras, code=1)
    header.set_qform(affine_ras, code=0 if _sheared(affine_ras) else 1, strip_shears=True)
    header["scl_slope"], header["scl_inter"] = 1, 0
    header["vox_offset"], header["magic"] = 352, b"n+1"
    return header


def _sheared(affine: npt.NDArray[np.float64]) -> bool:
    axes = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    return bool(np.abs(axes.T @ axes - np.eye(3)).max() > _SHEAR_TOLERANCE)
