"""Stored values to grey in [0, 1]."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_THOUSANDTHS = (299, 587, 114)
"""Luminance of red, green and blue (ITU-R BT.601-7, 2.5.1); in whole numbers, so that grey in colours stays exact."""


def scaled(values: npt.NDArray[Any], largest: int) -> npt.NDArray[np.float32]:
    """Divide by the largest value that can be, rounded once."""
    grey: npt.NDArray[np.float32] = np.true_divide(values, largest, dtype=np.float64).astype(np.float32)
    return grey


def from_rgb(values: npt.NDArray[Any], largest: int) -> npt.NDArray[np.float32]:
    """Weigh ``(rows, columns, 3)`` to ``(rows, columns)``."""
    total = sum(weight * values[..., n].astype(np.int64) for n, weight in enumerate(_THOUSANDTHS))
    return scaled(np.asarray(total), 1000 * largest)
