"""Whether the axes of a grid stand at right angles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SHEAR_TOLERANCE = 1e-5  # cosine between axes that the float32 fields of a header cannot tell from 0


def is_sheared(affine: npt.NDArray[np.float64]) -> bool:
    """Say whether two columns of a 4x4 affine are not at right angles."""
    axes = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    return bool(np.abs(axes.T @ axes - np.eye(3)).max() > SHEAR_TOLERANCE)
