"""How well two scans lie on each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ..records import FloatArray
from ..results.plane import sample
from .lung_image import MARGIN_MM, SPACING_MM, LungImage
from .moved import in_scan, moved

Judgement = Literal["good", "poor", "useless"]

# Phantoms: a rigid motion gives 0.88, 1.5 mm; lungs 10 % longer 0.58, 2.8 mm; 20 % longer 0.27, 4.1 mm; another chest
# 0.19, 3.1 to 4.0 mm. Between these lie the limits; on real follow-ups they have not been tried.
GOOD_CORRELATION, LEAST_CORRELATION = 0.65, 0.35
GOOD_SURFACE_MM, LARGEST_SURFACE_MM = 2.5, 6.0
GOOD_SHARE, LEAST_SHARE = 0.9, 0.3
_DEEP_MM = 6.0  # so far from the edge of the lungs only vessels and nodules are seen
_LEAST_VOXELS = 1000  # fewer give no correlation to rely on


@dataclass(frozen=True, eq=False)
class Alignment:
    """A rigid motion (4x4, LPS mm before to LPS mm after) and how good it is.

    ``inner_correlation`` is that of HU deep in the lungs (vessels on vessels), ``lung_surface_distance_mm`` the mean
    distance between the surfaces of the lungs, both ways; ``common_share`` the part of the lungs that both scans show.
    """

    motion: FloatArray
    inner_correlation: float
    lung_surface_distance_mm: float
    common_share: float

    @property
    def judgement(self) -> Judgement:
        """``useless``: nothing may be matched by it; ``poor``: to be looked at."""
        correlation, surface_mm, share = self.inner_correlation, self.lung_surface_distance_mm, self.common_share
        if correlation < LEAST_CORRELATION or surface_mm > LARGEST_SURFACE_MM or share < LEAST_SHARE:
            return "useless"
        good = correlation >= GOOD_CORRELATION and surface_mm <= GOOD_SURFACE_MM and share >= GOOD_SHARE
        return "good" if good else "poor"

    @property
    def rotation_deg(self) -> float:
        """Angle of the rotation."""
        return float(np.degrees(np.arccos(np.clip((np.trace(self.motion[:3, :3]) - 1) / 2, -1, 1))))


def judge_alignment(before: LungImage, after: LungImage, motion: FloatArray) -> Alignment:
    """Measure how well ``motion`` lays ``before`` on ``after``; only what both scans show counts."""
    back = np.asarray(np.linalg.inv(motion), dtype=np.float64)
    distances = np.concatenate([_surface_mm(before, after, motion), _surface_mm(after, before, back)])
    return Alignment(
        motion,
        _inner_correlation(before, after, motion),
        float(distances.mean()) if distances.size else float(np.inf),
        min(_common_share(before, after, motion), _common_share(after, before, back)),
    )


def _surface_mm(here: LungImage, there: LungImage, motion: FloatArray) -> FloatArray:
    """Distance from the surface of the lungs here to that there; beyond the box around them, the margin of the box."""
    points = moved(here.points_lps()[_surface(here)], motion)
    points = points[in_scan(points, there.scan)]
    distance = ndimage.distance_transform_edt(~_surface(there), sampling=SPACING_MM)
    return sample(distance, there.affine_lps, points, outside=MARGIN_MM)


def _surface(image: LungImage) -> npt.NDArray[np.bool_]:
    """Lung voxels beside others; where the field of view cuts the lungs there is no surface."""
    return np.asarray(image.lungs & ~ndimage.binary_erosion(image.lungs | ~image.inside, border_value=1))


def _common_share(here: LungImage, there: LungImage, motion: FloatArray) -> float:
    return float(in_scan(moved(here.points_lps()[here.lungs], motion), there.scan).mean())


def _inner_correlation(before: LungImage, after: LungImage, motion: FloatArray) -> float:
    points = moved(before.points_lps(), motion)
    lungs = sample(after.lungs.astype(np.float32), after.affine_lps, points, outside=0.0) >= 0.5
    deep = ndimage.binary_erosion(before.lungs & lungs, iterations=round(_DEEP_MM / SPACING_MM))
    if np.count_nonzero(deep) < _LEAST_VOXELS:
        return 0.0
    seen = sample(after.hu, after.affine_lps, points[deep], outside=0.0)
    return float(np.corrcoef(before.hu[deep], seen)[0, 1])
