"""``nodules.nii.gz``: the findings as a label map on the grid of the source."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..records import CaseResult, Index, Volume
from .nifti_bytes import nifti_bytes


def nodules_nifti(result: CaseResult, volume: Volume | None) -> bytes | None:
    """Encode the label map (value = ``finding_id``), or return None for a case without a grid.

    uint8, or uint16 for ids above 255; the place as in :func:`nifti_bytes`. Where masks overlap the more probable
    finding keeps the voxel.

    Raises
    ------
    ValueError
        A mask that does not fit the grid.
    """
    if volume is None or result.shape_ijk is None or result.affine_lps is None:
        return None
    return nifti_bytes(_label_map(result, result.shape_ijk), result.affine_lps)


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
