"""A chest to put nodules into."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Background:
    """A chest on a 1 mm grid ``(k, j, i)``, axes towards head, back and left.

    hu : int16.
    lung : voxels (bool) where a nodule may be put.
    tumour : its own tumour's voxels (bool), None if it has none that is outlined.
    unknown : voxels (bool) with a lesion that is not outlined: nothing is learnt about presence there; None if none.
    slice_mm : slice spacing of the scan it comes from.
    """

    hu: npt.NDArray[np.int16]
    lung: npt.NDArray[np.bool_]
    tumour: npt.NDArray[np.bool_] | None
    unknown: npt.NDArray[np.bool_] | None
    slice_mm: float
