"""Which point lies in which place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ...records import Point
from .true_scan import Place


def within(points: Sequence[Point], places: Sequence[Place]) -> npt.NDArray[np.bool_]:
    """Tell, ``(places, points)``, where a point is nearer to a place's centre than its radius.

    Exactly on the radius is outside, as in the evaluation of LUNA16.
    """
    here, middle = _array(points), _array([place.centre_lps_mm for place in places])
    radius = np.array([place.diameter_mm / 2 for place in places], dtype=np.float64)
    squared = ((here[None] - middle[:, None]) ** 2).sum(axis=2)
    inside: npt.NDArray[np.bool_] = squared < radius[:, None] ** 2
    return inside


def _array(points: Sequence[Point]) -> npt.NDArray[np.float64]:
    return np.asarray(points, dtype=np.float64).reshape(-1, 3)
