"""The regular grid that a set of slice positions stands on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

DRIFT_TOLERANCE_MM = 0.05  # sideways over the whole stack; more is a shear, which is kept (2 degrees are 1.6 mm)


@dataclass(frozen=True, eq=False)
class Stack:
    """Slices in order along the normal, and the straight regular line fitted to them.

    ``order`` holds the indices of the given positions; ``along_mm`` their places along the normal, ascending;
    slice k stands at ``origin_lps + k * step_lps``; ``residual_mm`` is how far the real ones are from there.
    """

    order: tuple[int, ...]
    along_mm: FloatArray
    origin_lps: FloatArray
    step_lps: FloatArray
    residual_mm: FloatArray
    drift_mm: float

    @property
    def spacing_mm(self) -> float:
        """Distance of two neighbouring slices along the normal, mm."""
        return float((self.along_mm[-1] - self.along_mm[0]) / (len(self.along_mm) - 1))


def fit_stack(positions_lps: npt.ArrayLike, normal: FloatArray) -> Stack:
    """Order positions ``(n, 3)`` (n >= 2) along the unit ``normal`` and fit origin and step by least squares.

    A step within the drift tolerance is set along the normal; a larger drift stays in it (gantry tilt).
    """
    points = np.asarray(positions_lps, dtype=np.float64)
    order = np.argsort(points @ normal, kind="stable")
    points = points[order]
    count = len(points)
    k = np.arange(count) - (count - 1) / 2
    step = k @ points / (k @ k)
    sideways = step - (step @ normal) * normal
    drift_mm = float(np.linalg.norm(sideways) * (count - 1))
    if drift_mm <= DRIFT_TOLERANCE_MM:
        step = step - sideways
    centre = points.mean(axis=0)
    residual = np.linalg.norm(points - (centre + k[:, None] * step), axis=1)
    origin = centre + k[0] * step
    return Stack(tuple(int(n) for n in order), points @ normal, origin, step, residual, drift_mm)
