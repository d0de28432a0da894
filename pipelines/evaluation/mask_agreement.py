"""How well a predicted mask agrees with the true one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_erosion
from scipy.spatial import cKDTree

Mask = npt.NDArray[np.bool_]

_PERCENTILE = 95
_OTHERS = ((1, 2), (0, 2), (0, 1))


@dataclass(frozen=True)
class MaskAgreement:
    """Overlap, distance of the surfaces, and volumes of two masks.

    dice : 2 |A and B| / (|A| + |B|); nan where both masks are empty.
    surface_distance_mm : mean over the surface voxels of both masks of the distance to the other's nearest surface
        voxel (average symmetric surface distance); nan where a mask is empty.
    hausdorff95_mm : the larger of the two directed 95th percentiles of these distances; nan where a mask is empty.
    volume_mm3, predicted_volume_mm3 : of the true and of the predicted mask.
    """

    dice: float
    surface_distance_mm: float
    hausdorff95_mm: float
    volume_mm3: float
    predicted_volume_mm3: float


def mask_agreement(predicted: Mask, truth: Mask, spacing_kji_mm: tuple[float, float, float]) -> MaskAgreement:
    """Compare two masks ``(k, j, i)`` on one grid; anything but zero is inside.

    Surface voxels are those with a face neighbour outside the mask; what lies beyond the array is outside. Distances
    are between voxel centres, so that surfaces less than half a voxel apart may count as equal.

    Raises
    ------
    ValueError
        The masks differ in shape, are not three-dimensional, or a spacing is not positive.
    """
    a, b = np.asarray(predicted) != 0, np.asarray(truth) != 0
    if a.shape != b.shape or a.ndim != 3:
        raise ValueError(f"masks of shapes {a.shape} and {b.shape}: expected two of one shape (k, j, i)")
    if not all(s > 0 and np.isfinite(s) for s in spacing_kji_mm):
        raise ValueError(f"spacing {spacing_kji_mm} mm: expected three positive numbers")
    n_a, n_b = int(a.sum()), int(b.sum())
    voxel_mm3 = float(np.prod(spacing_kji_mm))
    mean, high = _surface_distances(a, b, spacing_kji_mm) if n_a and n_b else (float("nan"), float("nan"))
    return MaskAgreement(
        dice=2 * int((a & b).sum()) / (n_a + n_b) if n_a + n_b else float("nan"),
        surface_distance_mm=mean,
        hausdorff95_mm=high,
        volume_mm3=n_b * voxel_mm3,
        predicted_volume_mm3=n_a * voxel_mm3,
    )


def _surface_distances(a: Mask, b: Mask, spacing_mm: tuple[float, float, float]) -> tuple[float, float]:
    """Mean and 95th percentile, both ways."""
    points_a, points_b = (_surface(mask) * np.asarray(spacing_mm) for mask in (a, b))
    to_b, to_a = cKDTree(points_b).query(points_a)[0], cKDTree(points_a).query(points_b)[0]
    high = max(np.percentile(to_b, _PERCENTILE), np.percentile(to_a, _PERCENTILE))
    return float(np.concatenate([to_b, to_a]).mean()), float(high)


def _surface(mask: Mask) -> npt.NDArray[np.int64]:
    """Return the indices ``(n, 3)`` of the surface voxels."""
    low = [int(np.flatnonzero(mask.any(axis=others))[0]) for others in _OTHERS]
    high = [int(np.flatnonzero(mask.any(axis=others))[-1]) + 1 for others in _OTHERS]
    block = mask[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    surface: npt.NDArray[np.int64] = np.argwhere(block & ~binary_erosion(block)) + low
    return surface
