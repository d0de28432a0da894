"""Whether the labels of a scan can be true: in the image, near a lung, in the right frame."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ...transforms.grid import Grid
from ...transforms.lungs import Lungs
from ...transforms.nearest_lung import nearest_lung
from .data_list import NoduleLabel, Point, ScanLabel

LUNG_REACH_MM = 10.0
"""A nodule may touch a lung from outside by this much: coarse lung labels (3 mm) end short of the pleura."""
_FACE_TOLERANCE_VOXELS = 0.5
"""A box may leave the outermost voxels by half of one: boxes are often drawn through voxel centres, or rounded."""
_RAS = (-1.0, -1.0, 1.0)


def check_scan_labels(scan: ScanLabel, image: Grid, lungs: Lungs | None) -> tuple[str, ...]:
    """Say what is odd about the nodules of a scan.

    Parameters
    ----------
    scan : positions and sizes in LPS mm.
    image : the grid of the scan.
    lungs : its lungs; None, or not found, to look at the image only.

    Returns
    -------
    tuple of str
        ``W_BOX_OUTSIDE_IMAGE n1`` where the box (or point) of nodule n1 leaves the image; ``W_BOX_OUTSIDE_LUNG n1``
        where its centre is further than 10 mm and half its longest edge from both lungs; ``W_FRAME_SUSPECT 3 of 4 ...``
        where most nodules are at fault and most would be in place with x and y negated.
    """
    seen = lungs if lungs is not None and lungs.found else None

    def faults(nodule: NoduleLabel, signs: Point = (1.0, 1.0, 1.0)) -> tuple[str, ...]:
        centre = np.array(nodule.centre_lps_mm) * signs
        half = np.array(nodule.size_mm or (0.0, 0.0, 0.0)) / 2
        if not _inside(centre, half, image):
            return ("W_BOX_OUTSIDE_IMAGE",)
        far = seen is not None and nearest_lung(seen, centre).distance_mm > LUNG_REACH_MM + half.max()
        return ("W_BOX_OUTSIDE_LUNG",) if far else ()

    found = [f"{code} {nodule.nodule_id}" for nodule in scan.nodules for code in faults(nodule)]
    return (*found, *_frame(scan, lambda nodule, signs: not faults(nodule, signs)))


def _inside(centre: npt.NDArray[np.float64], half: npt.NDArray[np.float64], image: Grid) -> bool:
    corners = centre + (np.array(list(np.ndindex(2, 2, 2))) * 2 - 1) * half
    ijk = image.to_ijk(corners)
    reach = 0.5 + _FACE_TOLERANCE_VOXELS
    return bool((ijk >= -reach).all() and (ijk <= np.array(image.shape_kji[::-1]) - 1 + reach).all())


def _frame(scan: ScanLabel, fits: Callable[[NoduleLabel, Point], bool]) -> tuple[str, ...]:
    total = len(scan.nodules)
    as_given = sum(fits(nodule, (1.0, 1.0, 1.0)) for nodule in scan.nodules)
    if 2 * as_given >= total:
        return ()
    negated = sum(fits(nodule, _RAS) for nodule in scan.nodules)
    if 2 * negated <= total:
        return ()
    code = "W_FRAME_SUSPECT"
    return (f"{code} {negated} of {total} fit with x and y negated (RAS given as LPS, or LPS as RAS?)",)
