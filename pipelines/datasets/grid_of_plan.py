"""The grid of a scan that is not read yet."""

from __future__ import annotations

from ...transforms.grid import Grid
from ..records import SeriesPlan


def grid_of_plan(plan: SeriesPlan) -> Grid:
    """Return the grid that the scan's voxels will have."""
    i, j, k = plan.shape_ijk
    return Grid((k, j, i), plan.affine_lps)
