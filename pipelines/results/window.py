"""From HU to grey."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Window(NamedTuple):
    """HU from black (``low_hu``) to white (``high_hu``); ``name`` is one word, ``label`` what a reader sees."""

    name: str
    label: str
    low_hu: float
    high_hu: float


LUNG = Window("lung", "Lung window", -1350.0, 150.0)
SOFT_TISSUE = Window("soft", "Soft-tissue window", -160.0, 240.0)


def grey(hu: npt.NDArray[np.generic], window: Window) -> npt.NDArray[np.uint8]:
    """Return 0 to 255; what lies beyond the window is black or white."""
    share = (np.asarray(hu, dtype=np.float64) - window.low_hu) / (window.high_hu - window.low_hu)
    return np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)
