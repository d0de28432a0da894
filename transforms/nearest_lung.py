"""Which lung a point lies in, or how far from one."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from .lung_sides import LEFT
from .lungs import Lungs

# a nodule on the pleura or in consolidated lung may lie this far from the nearest voxel labelled as lung
REACH_MM = 30.0


class NearestLung(NamedTuple):
    """The patient's lung that is nearest to a point, and how far its nearest voxel is."""

    side: Literal["left", "right", "unknown"]
    distance_mm: float


def nearest_lung(lungs: Lungs, point_lps_mm: npt.ArrayLike) -> NearestLung:
    """Find the patient's lung that is nearest to a point (LPS mm); "unknown" and inf where none is within 30 mm."""
    centre = lungs.grid.to_ijk(point_lps_mm)[0][::-1]
    reach = REACH_MM / np.array(lungs.grid.spacing_mm[::-1])
    size = np.array(lungs.labels.shape)
    start = np.clip(np.floor(centre - reach), 0, size).astype(int)
    stop = np.clip(np.ceil(centre + reach) + 1, 0, size).astype(int)
    near = lungs.labels[tuple(slice(a, b) for a, b in zip(start, stop, strict=True))]
    voxels = np.argwhere(near)
    if len(voxels) == 0:
        return NearestLung("unknown", float("inf"))
    columns_mm = lungs.grid.affine_lps[:3, :3]
    distance_mm = np.linalg.norm((voxels + start - centre)[:, ::-1] @ columns_mm.T, axis=1)
    nearest = int(distance_mm.argmin())
    if distance_mm[nearest] > REACH_MM:
        return NearestLung("unknown", float("inf"))
    side: Literal["left", "right"] = "left" if near[tuple(voxels[nearest])] == LEFT else "right"
    return NearestLung(side, float(distance_mm[nearest]))
