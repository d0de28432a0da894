"""Which slice of a volume is shown by which instance."""

from __future__ import annotations

import numpy as np

from ...records import SeriesPlan


def grid_slices(plan: SeriesPlan) -> tuple[int, ...]:
    """Return, for every one of ``plan.slices``, the slice k of the volume that it shows.

    They are counted alike unless gaps were filled (``W_RESAMPLED``): there it is the nearest k, slices that were made
    up belong to no instance, and one k may belong to two where the slices stand unevenly.
    """
    if "W_RESAMPLED" not in plan.codes:
        return tuple(range(len(plan.slices)))
    step, origin = plan.affine_lps[:3, 2], plan.affine_lps[:3, 3]
    positions = np.asarray([source.position_lps for source in plan.slices])
    nearest = np.floor((positions - origin) @ step / (step @ step) + 0.5)
    return tuple(int(k) for k in np.clip(nearest, 0, plan.shape_ijk[2] - 1))
