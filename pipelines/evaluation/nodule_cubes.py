"""Annotated nodules, each in a cube of its own surroundings, for evaluation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from ...transforms.targets import box_of
from ...transforms.window import window_hu
from ..training.lidc_nodules import LidcRecord, read_lidc_nodules
from ..training.slab import Slab, embed, to_slab

_SHIFT_VOXELS = 10
"""Nodules are put off the middle by up to this, so that nothing is gained by looking there."""


class Cube(TypedDict):
    """``image`` ``(windows, d, h, w)`` on a 1 mm grid, and its number in the data set."""

    image: Tensor
    index: int


@dataclass(frozen=True, eq=False)
class Truth:
    """What the readers say: the majority's mask in the cube, and the record."""

    mask: npt.NDArray[np.bool_]
    record: LidcRecord


class NoduleCubes(Dataset[Cube]):
    """One cube per nodule of a ``lidc_nodules`` folder; outlines are never used to make the image.

    Parameters
    ----------
    folder : of the ``lidc_nodules`` form.
    subsets : LUNA16 subsets to take; None for all in the folder.
    edge : of the cube, mm; divisible by 16.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        windows_hu: Sequence[tuple[float, float]],
        subsets: Collection[int] | None = None,
        edge: int = 80,
        seed: int = 0,
    ) -> None:
        self.records = list(read_lidc_nodules(Path(folder), subsets))
        self.windows_hu = [(float(a), float(b)) for a, b in windows_hu]
        self.edge, self.seed = edge, seed

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: int) -> Cube:
        hu, _ = self._cube(index)
        return {"image": window_hu(torch.from_numpy(hu)[None], self.windows_hu), "index": index}

    def truth(self, index: int) -> Truth:
        """Return the readers' view of cube ``index``."""
        return Truth(self._cube(index)[1], self.records[index])

    def _cube(self, index: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        slab: Slab = to_slab(self.records[index])
        shift = np.random.default_rng([self.seed, index]).integers(-_SHIFT_VOXELS, _SHIFT_VOXELS + 1, 3)
        k, j, i = (int(v) for v in np.rint(self.edge / 2 - box_of(slab.votes >= 0.5)[0] + shift))
        return embed(slab, self.edge, (k, j, i))
