"""How a nodule is turned, scaled and stretched at random."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_SCALE_SD, _STRETCH_SD = 0.06, 0.12
"""In-plane scale and stretch along the axis (standard deviations of the logarithm); ratings hold for such changes."""


def random_turn(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Draw the map from offsets (mm; k, j, i) in the patch to offsets in the scan."""
    angle = rng.uniform(0, 2 * np.pi)
    scale, stretch = np.exp(rng.normal(0, _SCALE_SD)), np.exp(rng.normal(0, _STRETCH_SD))
    c, s = scale * np.cos(angle), scale * np.sin(angle)
    return np.array([[stretch, 0, 0], [0, c, -s], [0, s, c]]) @ np.diag(rng.choice([-1.0, 1.0], 3))
