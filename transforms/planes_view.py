"""How a 2D network looks at a place of a CT."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from .grid import FloatArray, Grid
from .planes_25d import F32, planes_25d
from .window import window_hu


class PlanesView:
    """Cut nine planes around a place (:func:`.planes_25d`) and window them: alike in training and inference.

    Parameters
    ----------
    window_hu : (low, high), mapped to [0, 1].
    edge, spacing_mm : pixels of a plane, and their distance.
    offset_mm : distance of neighbouring planes of one direction.
    """

    def __init__(
        self,
        window_hu: Sequence[float] = (-1000, 400),
        *,
        edge: int = 64,
        spacing_mm: float = 0.6,
        offset_mm: float = 2.4,
    ) -> None:
        low, high = window_hu
        self.window_hu = (float(low), float(high))
        self.edge, self.spacing_mm, self.offset_mm = int(edge), float(spacing_mm), float(offset_mm)

    def cut(
        self, hu: npt.NDArray[np.generic], grid: Grid, centre_lps_mm: npt.ArrayLike, turn: FloatArray | None = None
    ) -> F32:
        """Cut the planes ``(9, edge, edge)`` in HU."""
        return planes_25d(
            hu,
            grid,
            centre_lps_mm,
            edge=self.edge,
            spacing_mm=self.spacing_mm,
            offset_mm=self.offset_mm,
            turn=turn,
        )

    def windowed(self, planes: F32) -> Tensor:
        """Map planes in HU to what the network reads: float32 ``(9, edge, edge)`` in [0, 1]."""
        return window_hu(torch.from_numpy(planes)[None], [self.window_hu])[0]
