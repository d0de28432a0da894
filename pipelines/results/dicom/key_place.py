"""The slice of the source on which a finding is shown."""

from __future__ import annotations

import numpy as np

from ...records import Finding, Volume
from .grid_slices import grid_slices
from .segments import Segment


def key_place(volume: Volume, finding: Finding, segment: Segment | None) -> int:
    """Return the place in ``plan.slices`` of the finding's key slice.

    Where the finding has no voxel on it (slices that do not lie as the axial plane the axes were measured in), that of
    the slice with most of them; without ``segment`` the one next to the key slice.
    """
    shown = grid_slices(volume.plan)
    if segment is None:
        return int(np.argmin(np.abs(np.array(shown) - finding.key_slice_k)))
    named = [n for n in segment.planes if shown[n] == finding.key_slice_k]
    return named[0] if named else max(segment.planes, key=lambda n: np.count_nonzero(segment.planes[n]))
