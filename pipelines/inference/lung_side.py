"""On which side a finding lies."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ...transforms.lung_sides import LEFT, RIGHT
from ...transforms.lungs import Lungs
from ..records import Point

Side = Literal["left", "right", "unknown"]

REACH_MM = 30.0
"""A nodule holds no air, so its centre need not be labelled as lung; lung is near even for the largest."""
_SIDES: dict[int, Side] = {RIGHT: "right", LEFT: "left"}


def lung_side(lungs: Lungs, point_lps: Point) -> Side:
    """Side of the lung voxel nearest to a point (LPS mm), ``unknown`` where there is none within 30 mm."""
    centre = lungs.grid.to_ijk([point_lps])[0, ::-1]
    spacing = np.array(lungs.grid.spacing_mm[::-1])
    size = np.array(lungs.labels.shape)
    start = np.clip(np.ceil(centre - REACH_MM / spacing), 0, size).astype(int)
    stop = np.clip(np.floor(centre + REACH_MM / spacing) + 1, start, size).astype(int)
    near = lungs.labels[tuple(slice(a, b) for a, b in zip(start, stop, strict=True))]
    voxels = np.argwhere(near)
    distances_mm = np.linalg.norm((voxels + start - centre) * spacing, axis=1)
    if len(voxels) == 0 or distances_mm.min() > REACH_MM:
        return "unknown"
    return _SIDES[int(near[tuple(voxels[distances_mm.argmin()])])]
