"""A view through the middle of a finding, or of a scan, resampled from the voxels."""

from __future__ import annotations

import numpy as np
from skimage.measure import find_contours

from ...records import Finding, Volume
from ..mask_in_plane import mask_in_plane
from ..plane import FloatArray, sample
from ..window import LUNG
from .picture import outline, picture
from .view import View

MOST_PX = 144
"""A side of a picture of a finding."""


def resampled(
    volume: Volume, view: View, centre_lps: FloatArray, *, edge_mm: float, finding: Finding, most_px: int = MOST_PX
) -> str:
    """Return SVG in mm about ``centre_lps``: HU interpolated linearly, and the outline of the mask."""
    width, mm_per_px = _pixels(volume, edge_mm, most_px)
    points = points_of(view, centre_lps, width, mm_per_px)
    lines = [
        (line[:, ::-1] - (width - 1) / 2) * mm_per_px
        for line in find_contours(mask_in_plane(finding, volume.affine_lps, points), 0.5)
    ]
    return flat_picture(volume, points, mm_per_px) + outline(lines, f"f{finding.finding_id}-{view.name}")


def flat_picture(volume: Volume, points: FloatArray, mm_per_px: float) -> str:
    """Return SVG of the HU at ``points`` ``(row, column, 3)``, its middle at 0."""
    hu = sample(volume.hu, volume.affine_lps, points, outside=LUNG.low_hu)
    height, width = hu.shape
    place = np.array([[mm_per_px, 0, -width / 2 * mm_per_px], [0, mm_per_px, -height / 2 * mm_per_px]])
    return picture(hu, place)


def points_of(view: View, centre_lps: FloatArray, width: int, mm_per_px: float) -> FloatArray:
    """Return the LPS mm of the pixels of a square view ``(width, width, 3)``."""
    steps = (np.arange(width) - (width - 1) / 2) * mm_per_px
    return np.asarray(centre_lps + steps[None, :, None] * view.right + steps[:, None, None] * view.down)


def _pixels(volume: Volume, edge_mm: float, most_px: int) -> tuple[int, float]:
    """Side and size of pixels: as fine as the finest voxel side, within reason."""
    finest = float(np.linalg.norm(volume.affine_lps[:3, :3], axis=0).min())
    width = min(most_px, max(2, round(edge_mm / finest)))
    return width, edge_mm / width
