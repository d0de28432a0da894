"""What the network of two backbones says of a place of a CT."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ....networks.fusion_packing import LOCATION_SCALE_MM, SIZE_UNIT_MM, split_fusion
from ....networks.packing import ATTRIBUTES
from ....transforms.grid import Grid
from ....transforms.planes_view import PlanesView
from ..rating import read_rating

FloatArray = npt.NDArray[np.float64]

Network = Callable[[Tensor], Tensor]
"""Planes ``(b, 9, edge, edge)`` to what the heads say ``(b, 10)``."""

_MIRRORS = (
    *((1, 1, 1), (1, 1, -1), (1, -1, 1), (-1, 1, 1)),
    *((1, -1, -1), (-1, 1, -1), (-1, -1, 1), (-1, -1, -1)),
)
"""Signs of the axes (k, j, i): as it is, left to right, front to back, and so on."""


@dataclass(frozen=True)
class FusionReading:
    """What is said of one place.

    presence : probability that a nodule is there.
    location_mm : its centre minus the place (x, y, z; LPS).
    diameter_mm : its longest axial diameter.
    malignancy_probability : before calibration; see :func:`.read_rating`.
    malignancy_sd : standard deviation of the predicted reader score, 1 to 5.
    """

    presence: float
    location_mm: tuple[float, float, float]
    diameter_mm: float
    malignancy_probability: float
    malignancy_sd: float


class FusionLook:
    """Cut the planes through a place, and read what the network says of them.

    Parameters
    ----------
    view : how planes are cut and windowed, as in training.
    mirrors : average over this many mirror images, 1 to 8.

    Raises
    ------
    ValueError
        ``mirrors`` is out of range.
    """

    def __init__(self, view: PlanesView, *, mirrors: int = 4) -> None:
        if not 1 <= mirrors <= len(_MIRRORS):
            raise ValueError(f"mirrors lies between 1 and {len(_MIRRORS)}, found {mirrors}")
        self.view, self.mirrors = view, int(mirrors)

    def __call__(
        self, network: Network, hu: npt.NDArray[np.generic], grid: Grid, centre_lps_mm: npt.ArrayLike
    ) -> FusionReading:
        """Look at a place (LPS mm) in CT values ``(k, j, i)`` (HU) of a grid."""
        with torch.no_grad():
            return self.read(network(self.images(hu, grid, centre_lps_mm)))

    def images(self, hu: npt.NDArray[np.generic], grid: Grid, centre_lps_mm: npt.ArrayLike) -> Tensor:
        """Return what the network sees of a place and its mirror images ``(mirrors, 9, edge, edge)``."""
        turns = (np.diag(np.array(signs, float)) for signs in _MIRRORS[: self.mirrors])
        return torch.stack([self.view.windowed(self.view.cut(hu, grid, centre_lps_mm, turn)) for turn in turns])

    def read(self, packed: Tensor) -> FusionReading:
        """Read what the network said of :meth:`images` ``(mirrors, 10)``, their mean.

        Raises
        ------
        ValueError
            A value is not finite: nothing can be said of such a place.
        """
        if not torch.isfinite(packed).all():
            raise ValueError("the network's output is not finite")
        said = split_fusion(packed.detach().cpu().double())
        signs = torch.tensor(_MIRRORS[: self.mirrors], dtype=torch.float64)
        k, j, i = ((said.location * signs).mean(dim=0) * LOCATION_SCALE_MM).tolist()
        no_attributes = torch.zeros(len(ATTRIBUTES), dtype=torch.float64)
        rating = read_rating(torch.cat([said.malignancy.mean(dim=0), no_attributes]))
        return FusionReading(
            presence=float(torch.sigmoid(said.presence.mean())),
            location_mm=(i, j, k),
            diameter_mm=float(torch.exp(said.log_size.mean()) * SIZE_UNIT_MM),
            malignancy_probability=rating.malignancy_probability,
            malignancy_sd=rating.malignancy_sd,
        )
