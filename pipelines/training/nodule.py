"""One nodule to put into a lung, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Nodule:
    """A nodule and its close surroundings on a cubic grid ``(k, j, i)``, axes towards head, back and left.

    hu : CT values.
    votes : share of the voxel that lies in the readers' majority; the truth is ``votes >= 0.5``.
    opacity : how much of the voxel to paste, 1 in the nodule, falling to 0 in its surroundings.
    key : of the record it was cut from; empty if it was made.
    """

    hu: F32
    votes: F32
    opacity: F32
    key: str = ""
