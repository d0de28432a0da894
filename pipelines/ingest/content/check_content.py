"""Warnings for a volume whose content contradicts its header."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .back_to_front import back_to_front
from .chest import Chest
from .coarse_view import coarse_view
from .feet_up import feet_up
from .find_base import find_base
from .find_chest import find_chest
from .has_both_lungs import has_both_lungs
from .judge_sizes import sizes_implausible
from .judge_values import values_implausible
from .mirrored import mirrored
from .recognise_lungs import recognise_lungs, without_lungs

# what is narrower holds no chest (that of a newborn is 100 mm wide, its field of view more) and is not judged
LEAST_PLANE_MM = 120.0
# a shorter slab may lie above or below the lungs, and holds too little for a histogram
LEAST_LENGTH_MM = 60.0
# fewer slices show no ends of a lung, whatever their spacing
LEAST_SLICES = 8


def check_content(hu: npt.NDArray[Any], affine_lps: npt.NDArray[np.float64]) -> tuple[str, ...]:
    """Ask whether values, sides and sizes are those of a chest; a warning only where they are clearly not.

    What each warning needs to be given (else nothing is said):

    - ``W_IMPLAUSIBLE_HU``: 120 mm in the plane and 60 mm along the body. Nothing else is asked after it.
    - ``W_LUNGS_NOT_FOUND``: the same, and axes within 25 degrees of the patient's.
    - ``W_SPACING_IMPLAUSIBLE``: 120 mm in the plane, 8 slices, lungs. That is enough for sizes too large.
    - Sizes too small, ``W_UPSIDE_DOWN`` (front to back, or head to feet), ``W_MIRRORED``: also two lungs on both sides
      of the middle of the body, uncut in the plane, with both ends in view, of which one is clearly the base.

    Parameters
    ----------
    hu
        Volume ``(k, j, i)`` in HU; it is only read, one voxel in 250 of a usual chest.
    affine_lps
        Voxel (i, j, k, 1) to patient (LPS, mm), ``(4, 4)``; any orientation, sheared too.
    """
    view = coarse_view(hu, affine_lps)
    if min(view.extent_mm[1:]) < LEAST_PLANE_MM:
        return ()
    long = view.extent_mm[0] >= LEAST_LENGTH_MM
    chest = find_chest(view)
    if long and values_implausible(view, chest):
        return ("W_IMPLAUSIBLE_HU",)
    if not view.aligned:
        return ()
    if chest is None or not recognise_lungs(chest):
        return ("W_LUNGS_NOT_FOUND",) if long and without_lungs(view, chest) else ()
    return _of_lungs(chest) if view.hu.shape[0] >= LEAST_SLICES else ()


def _of_lungs(chest: Chest) -> tuple[str, ...]:
    base = find_base(chest) if has_both_lungs(chest) else None
    judged = {
        "W_SPACING_IMPLAUSIBLE": sizes_implausible(chest, whole=base is not None),
        "W_MIRRORED": base is not None and mirrored(chest, base),
        "W_UPSIDE_DOWN": base is not None and (back_to_front(chest, base) or feet_up(chest, base)),
    }
    return tuple(code for code, found in judged.items() if found)
