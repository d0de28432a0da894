"""One nodule to put into a lung, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Nodule:
    """A nodule and its close surroundings on a 1 mm grid ``(k, j, i)``, axes towards head, back and left.

    hu : CT values.
    votes : share of the voxel that lies in the readers' majority; the truth is ``votes >= 0.5``.
    opacity : how much of the voxel to paste, 1 in the nodule, falling to 0 in its surroundings.
    scores : share of the readers who gave malignancy 1, 2, 3, 4, 5; None if not rated.
    attributes : mean ratings scaled to [0, 1], in the order of ``networks.packing.ATTRIBUTES``; None if not rated.
    """

    hu: F32
    votes: F32
    opacity: F32
    scores: F32 | None = None
    attributes: F32 | None = None
    key: str = ""
