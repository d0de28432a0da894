"""Which slice of a CT a reader's contour lies in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...records import SeriesPlan

Z_TOLERANCE_MM = 0.05
"""Positions stand in the XML as in DICOM, rounded at worst to 0.01 mm; slices are 0.45 mm apart at least."""


@dataclass(frozen=True, eq=False)
class SliceIndex:
    """Slices of a volume by SOPInstanceUID and by the z of their positions (LPS mm), and their columns and rows."""

    by_uid: Mapping[str, int]
    z_mm: tuple[float, ...]
    columns_rows: tuple[int, int]

    def find(self, sop_uid: str, z_mm: float) -> int | None:
        """Return the slice of this instance, or of this position where the instance is unknown (renamed on export).

        None where there is no such slice, or where the instance stands elsewhere.
        """
        candidates = [self.by_uid[sop_uid]] if sop_uid in self.by_uid else range(len(self.z_mm))
        return next((k for k in candidates if abs(self.z_mm[k] - z_mm) <= Z_TOLERANCE_MM), None)

    def holds(self, points_ij: npt.NDArray[np.int32]) -> bool:
        """Say whether what a contour ``(n, 2)`` encloses lies in the slice; the contour itself may run just outside."""
        return bool((points_ij <= self.columns_rows).all())


def slice_index(plan: SeriesPlan) -> SliceIndex:
    """Index the slices of a plan."""
    return SliceIndex(
        {place.sop_instance_uid: k for k, place in enumerate(plan.slices)},
        tuple(place.position_lps[2] for place in plan.slices),
        plan.shape_ijk[:2],
    )
