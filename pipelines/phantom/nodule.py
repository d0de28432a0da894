"""A nodule of known place and size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from .canvas import Canvas
from .lattice import Float32

Side = Literal["left", "right", "unknown"]

GROUND_GLASS_HU = -600.0
SOLID_HU = 30.0
CALCIFIED_HU = 350.0
_EXTRA_MM = 3.0  # drawing box beyond the longest half axis


@dataclass(frozen=True)
class PhantomNodule:
    """The truth about one nodule.

    Parameters
    ----------
    centre_lps_mm
        Centre in LPS mm.
    diameter_mm
        Diameter of the sphere of equal volume, whatever the form.
    lung_side
        ``"right"`` is the patient's right (x < 0).
    hu
        Value of the nodule.
    axes
        Relative lengths along x, y, z; only their ratio counts.
    lobulation
        Relative height of the bumps on the surface (0 none, 0.15 strong); ``lobes`` says how many, about.
    core
        Diameter of a solid core as a share of the whole (part-solid nodules), 0 for none.
    """

    centre_lps_mm: tuple[float, float, float]
    diameter_mm: float
    lung_side: Side = "unknown"
    hu: float = SOLID_HU
    axes: tuple[float, float, float] = (1.0, 1.0, 1.0)
    lobulation: float = 0.0
    lobes: int = 3
    core: float = 0.0

    def reach_mm(self) -> float:
        """Return the largest distance from the centre at which the nodule changes a voxel (mm, for voxels <= 3 mm)."""
        return float(max(self._half_axes_mm()) * (1 + self.lobulation) + _EXTRA_MM)

    def _half_axes_mm(self) -> npt.NDArray[np.float64]:
        """Half axes whose body, bumps included, has the volume that the diameter says."""
        relative = np.array(self.axes) / np.cbrt(np.prod(self.axes))
        bumps = 1 + self.lobulation * _bumps(*_directions(), lobes=self.lobes)
        return np.asarray(relative * self.diameter_mm / 2 / np.cbrt(np.mean(bumps**3)))

    def paint(self, canvas: Canvas) -> None:
        """Draw the nodule over what is there."""
        centre, reach = np.array(self.centre_lps_mm), self.reach_mm()
        box = canvas.box(centre - reach, centre + reach)
        if box is None:
            return
        distance = self._distance(canvas.offsets(box, centre))
        # a linear edge of width w adds r * w^2 / 4 to the r^3 of a ball: taken off again
        distance += np.float32(canvas.blur_mm**2 / (6 * self.diameter_mm))
        canvas.paint_distance(box, distance, self.hu)
        if self.core:
            canvas.paint_distance(box, distance + (1 - self.core) * self.diameter_mm / 2, SOLID_HU)

    def _distance(self, offsets: tuple[Float32, Float32, Float32]) -> Float32:
        """Signed distance, first order: exact for a sphere."""
        half = self._half_axes_mm().astype(np.float32)
        unit = [offset / length for offset, length in zip(offsets, half, strict=True)]
        radius = np.sqrt(sum(np.square(u) for u in unit))
        slope = np.sqrt(sum(np.square(u / length) for u, length in zip(unit, half, strict=True)))
        if not self.lobulation:
            outline: float | Float32 = 1.0
        else:
            x, y, z = (u / np.maximum(radius, 1e-3) for u in unit)
            outline = 1 + self.lobulation * _bumps(x, y, z, self.lobes)
        # |grad f| = slope / radius for f = radius; at the centre both vanish and their ratio is 1 / half axis
        gradient = np.where(radius > 1e-3, slope / np.maximum(radius, 1e-3), 1 / half.min())
        return np.asarray((radius - outline) / gradient, dtype=np.float32)


def _bumps(
    x: npt.NDArray[np.floating], y: npt.NDArray[np.floating], z: npt.NDArray[np.floating], lobes: int
) -> Float32:
    """Return smooth bumps between -1 and 1 for directions (x, y, z)."""
    return np.asarray(
        np.cos(lobes * (x + 0.3 * z)) * np.cos(lobes * (y - 0.4 * x)) * np.cos(lobes * z), dtype=np.float32
    )


def _directions() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return directions spread evenly over the sphere (a golden-angle spiral)."""
    n = np.arange(4000) + 0.5
    z = 1 - 2 * n / len(n)
    turn = np.pi * (1 + 5**0.5) * n
    ring = np.sqrt(1 - z * z)
    return ring * np.cos(turn), ring * np.sin(turn), z
