"""The mask of a finding, cut by a plane."""

from __future__ import annotations

import numpy as np

from ..records import Finding
from .plane import FloatArray, sample


def mask_in_plane(finding: Finding, affine_lps: FloatArray, points_lps: FloatArray) -> FloatArray:
    """Interpolate the mask linearly at LPS points ``(..., 3)``: 1 inside, 0 outside; the outline is at 0.5."""
    mask = np.pad(finding.mask.voxels.astype(np.float32), 1)
    shifted = affine_lps.copy()
    shifted[:3, 3] += affine_lps[:3, :3] @ (np.array(finding.mask.start_kji[::-1]) - 1)
    return sample(mask, shifted, points_lps, outside=0.0)
