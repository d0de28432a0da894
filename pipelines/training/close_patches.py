"""Patches of the close look: one nodule in fine voxels, to be outlined and rated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ...transforms.close_spacing import close_spacing
from ...transforms.targets import Lesion
from .background import Background
from .close_patch import close_patch
from .close_transplant import close_transplant
from .lidc_nodules import LidcRecord
from .nodule import F32

_PASTED_SHARE = 0.2
"""Share of patches that show the nodule in another chest: its own surroundings end with its slices."""
_BOX_ERROR_SD = 0.15
"""How wrong the box of a candidate is, by which a close look is sized (standard deviation of the logarithm)."""


class ClosePatches:
    """Draw a cube of ``edge`` voxels around a nodule: HU and the nodules in it.

    Voxels have ``spacing_mm``, and more where the nodule is so large that the cube would not show its surroundings, as
    in inference (:func:`resmtnet.transforms.close_spacing.close_spacing`).

    Parameters
    ----------
    records, record_weights : nodules with an outline or a rating, and how often each is drawn.
    backgrounds, background_weights : chests to put some of them into, and how often each is drawn.
    pasted_share : share of patches with an outlined nodule put into another chest.
    """

    def __init__(
        self,
        records: Sequence[LidcRecord],
        record_weights: npt.NDArray[np.float64],
        backgrounds: Sequence[Background],
        background_weights: npt.NDArray[np.float64],
        *,
        edge: int,
        spacing_mm: float,
        pasted_share: float = _PASTED_SHARE,
    ) -> None:
        self.records, self.record_weights = records, record_weights
        self.backgrounds, self.background_weights = backgrounds, background_weights
        self.edge, self.spacing_mm, self.pasted_share = edge, spacing_mm, pasted_share

    def draw(self, rng: np.random.Generator) -> tuple[F32, list[Lesion]]:
        """Draw one cube ``(k, j, i)``."""
        record = self.records[int(rng.choice(len(self.records), p=self.record_weights))]
        spacing_mm = self._spacing_mm(record, rng)
        if self.backgrounds and record.outlined and rng.random() < self.pasted_share:
            background = self.backgrounds[int(rng.choice(len(self.backgrounds), p=self.background_weights))]
            hu, lesion = close_transplant(record, background, rng, edge=self.edge, spacing_mm=spacing_mm)
        else:
            hu, lesion = close_patch(record, rng, edge=self.edge, spacing_mm=spacing_mm)
        return hu, [lesion]

    def _spacing_mm(self, record: LidcRecord, rng: np.random.Generator) -> float:
        """Spacing that a candidate with about this nodule's box would be looked at with."""
        edges = record.place[1]
        if edges is None:
            return self.spacing_mm
        longest_mm = float(np.max(edges * record.spacing_mm[::-1])) * float(np.exp(rng.normal(0, _BOX_ERROR_SD)))
        return close_spacing(longest_mm, least_mm=self.spacing_mm, edge=self.edge)
