"""Annotated nodules, and places of lung without one, for evaluation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
import numpy.typing as npt
from torch import Tensor
from torch.utils.data import Dataset

from ...inference.fusion.fusion_look import FusionLook
from ...training.fusion.fusion_data import other_nodules
from ...training.fusion.lung_places import choose_place, patch_places
from ...training.fusion.place_mm import place_mm
from ...training.fusion.surroundings import surroundings
from ...training.lidc_nodules import LidcRecord, read_lidc_nodules

SHIFT_MM = 2.0
"""Places are off the annotated centre by up to this on each axis: a detector's are, too."""


class PlaceImages(TypedDict):
    """``image`` ``(mirrors, 9, edge, edge)``, and its number in the data set."""

    image: Tensor
    index: int


@dataclass(frozen=True, eq=False)
class FusionPlace:
    """A place to look at: its patch, where (x, y, z; mm, see :func:`.surroundings`), and whether the nodule is there.

    ``location_mm`` is the annotated centre minus the place (x, y, z); None without a nodule.
    """

    record: LidcRecord
    at_mm: npt.NDArray[np.float64]
    location_mm: npt.NDArray[np.float64] | None


class FusionPlaces(Dataset[PlaceImages]):
    """The nodules of a ``lidc_nodules`` folder, then one place of lung in each patch that has some away from nodules.

    Neither outline nor size of a nodule is used to make its image, only the annotated centre, shifted at random.

    Parameters
    ----------
    folder : of the ``lidc_nodules`` form.
    look : how places are looked at, as in the bundle's inference.
    subsets : LUNA16 subsets to take; None for all in the folder.
    seed : of the shifts and of the places without a nodule.
    """

    def __init__(
        self, folder: str | Path, look: FusionLook, *, subsets: Collection[int] | None = None, seed: int = 0
    ) -> None:
        self.look, self.seed = look, seed
        self.records = list(read_lidc_nodules(Path(folder), subsets))
        self.places = [self._nodule(n, r) for n, r in enumerate(self.records)]
        others = other_nodules(self.records)
        for n, record in enumerate(self.records):
            found = patch_places(record, others[record.key])
            if len(found):
                rng = np.random.default_rng([seed, n, 1])
                j, i = choose_place(found, record.hu[len(record.hu) // 2], rng)
                at = place_mm(record, (record.place[0][0], float(j), float(i)))
                self.places.append(FusionPlace(record, at, None))

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, index: int) -> PlaceImages:
        if index >= len(self.places):
            raise IndexError(index)
        place = self.places[index]
        hu, grid = surroundings(place.record)
        return {"image": self.look.images(hu, grid, place.at_mm), "index": index}

    def _nodule(self, number: int, record: LidcRecord) -> FusionPlace:
        shift = np.random.default_rng([self.seed, number]).uniform(-SHIFT_MM, SHIFT_MM, 3)
        return FusionPlace(record, place_mm(record, record.place[0]) + shift, -shift)
