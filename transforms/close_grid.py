"""The grid of a close look at one candidate."""

from __future__ import annotations

import numpy as np

from .candidates import Candidate
from .grid import Grid


def close_grid(model: Grid, candidate: Candidate, *, spacing_mm: float, edge: int) -> Grid:
    """Lay a cube of ``edge`` voxels of ``spacing_mm`` around a candidate, along the axes of the model grid.

    Its middle (``(edge - 1) / 2`` on each axis) is the candidate's centre.
    """
    directions = model.affine_lps[:3, :3] / np.array(model.spacing_mm)
    affine = np.eye(4)
    affine[:3, :3] = directions * spacing_mm
    middle = np.full(3, (edge - 1) / 2)
    affine[:3, 3] = model.to_lps([candidate.centre_ijk])[0] - affine[:3, :3] @ middle
    return Grid((edge, edge, edge), affine)
