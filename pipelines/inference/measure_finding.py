"""One candidate, measured in the patient."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...transforms.box_corners import box_to_grid, box_to_lps
from ...transforms.candidate_masks import CandidateMask
from ...transforms.candidates import Candidate
from ...transforms.diameters import Diameters
from ...transforms.grid import FloatArray, Grid
from ...transforms.lungs import Lungs
from ...transforms.mask_to_source import mask_to_source
from ...transforms.nearest_lung import nearest_lung
from ...transforms.outline_axes import Line
from ..calibration import Calibration
from ..records import Finding, FindingMask, Point
from .rating import Rating


@dataclass(frozen=True, eq=False)
class Scene:
    """The scan a candidate is measured in: HU ``(k, j, i)`` on the source grid, the model grid, the lungs."""

    hu: npt.NDArray[Any]
    source: Grid
    model: Grid
    lungs: Lungs


@dataclass(frozen=True, eq=False)
class SeenOutline:
    """An outline, the grid it was seen on, its axes there, and how unsure it is (0 to 1)."""

    mask: CandidateMask
    grid: Grid
    axes: Diameters
    uncertainty: float


def measure_finding(
    finding_id: int,
    candidate: Candidate,
    outline: SeenOutline,
    *,
    rating: Rating,
    calibration: Calibration | None,
    scene: Scene,
) -> Finding:
    """Say in source space, mm and HU what was found on the model grid.

    Axes come with the outline, on its own grid; volume and mean HU are from the voxels of the source whose centre lies
    within the outline, which are those of ``nodules.nii.gz``.
    """
    axes = outline.axes
    long_axis_lps = _line_lps(axes.long_axis_ij, axes.slice_k, outline.grid)
    start, voxels = mask_to_source(outline.mask, outline.grid, scene.source)
    volume_mm3 = float(np.count_nonzero(voxels)) * scene.source.voxel_volume_mm3
    inside = scene.hu[tuple(slice(a, a + n) for a, n in zip(start, voxels.shape, strict=True))][voxels]
    centre_lps = scene.model.to_lps([candidate.centre_ijk])[0]
    return Finding(
        finding_id=finding_id,
        probability=candidate.probability,
        centre_lps_mm=_point(centre_lps),
        centre_ijk=_point(scene.source.to_ijk([centre_lps])[0]),
        box_lps_mm=box_to_lps(candidate.centre_ijk, candidate.size_ijk, scene.model),
        box_ijk=box_to_grid(candidate.centre_ijk, candidate.size_ijk, scene.model, scene.source),
        long_axis_mm=axes.long_axis_mm,
        short_axis_mm=axes.short_axis_mm,
        long_axis_lps_mm=long_axis_lps,
        short_axis_lps_mm=_line_lps(axes.short_axis_ij, axes.slice_k, outline.grid),
        diameter_3d_mm=(6.0 * volume_mm3 / math.pi) ** (1 / 3),
        volume_mm3=volume_mm3,
        mean_hu=float(inside.mean(dtype=np.float64)),
        malignancy_probability=rating.told(calibration, axes.long_axis_mm),
        malignancy_sd=rating.malignancy_sd,
        calibrated=calibration is not None,
        outline_uncertainty=outline.uncertainty,
        attributes=rating.attributes,
        lung_side=nearest_lung(scene.lungs, centre_lps).side,
        key_slice_k=_source_slice(scene.source, np.mean(long_axis_lps, axis=0)),
        mask=FindingMask(start, voxels),
    )


def _source_slice(source: Grid, point_lps: FloatArray) -> int:
    """Slice of the source nearest to a point."""
    k = source.to_ijk([point_lps])[0, 2]
    return int(np.clip(math.floor(k + 0.5), 0, source.shape_kji[0] - 1))


def _line_lps(ends_ij: Line, slice_k: int, seen: Grid) -> tuple[Point, Point]:
    first, second = seen.to_lps([(*end, slice_k) for end in ends_ij])
    return _point(first), _point(second)


def _point(values: FloatArray) -> Point:
    x, y, z = (float(v) for v in values)
    return x, y, z
