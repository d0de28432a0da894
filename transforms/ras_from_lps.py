"""The flip between the two names of patient space; free of torch, for what must start quickly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RAS_FROM_LPS: npt.NDArray[np.float64] = np.diag([-1.0, -1.0, 1.0, 1.0])
"""Homogeneous LPS mm to RAS mm, and back: it is its own inverse."""
RAS_FROM_LPS.flags.writeable = False
