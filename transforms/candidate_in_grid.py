"""One candidate, said in the voxels of another grid."""

from __future__ import annotations

import numpy as np

from .boxes import STRIDE
from .candidates import Candidate
from .grid import Grid


def candidate_in_grid(candidate: Candidate, grid: Grid, other: Grid) -> Candidate:
    """Say a candidate of ``grid`` in voxels of ``other``, whose axes must be parallel, in the same order."""
    i, j, k = (float(v) for v in other.to_ijk(grid.to_lps([candidate.centre_ijk]))[0])
    a, b, c = (float(v) for v in np.multiply(candidate.size_ijk, grid.spacing_mm) / np.array(other.spacing_mm))
    cell = (int(k // STRIDE), int(j // STRIDE), int(i // STRIDE))
    return Candidate(candidate.probability, cell, (i, j, k), (a, b, c))
