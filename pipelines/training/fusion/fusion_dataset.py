"""Training patches of nine planes, drawn by number."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from .degrade_planes import degrade_planes
from .fusion_label import fusion_label
from .fusion_patches import FusionPatches


class PlanesPatch(TypedDict):
    """One example: ``image`` ``(9, edge, edge)`` in [0, 1], ``label`` ``(15,)``, ``number`` in the data set."""

    image: Tensor
    label: Tensor
    number: int


class FusionDataset(Dataset[PlanesPatch]):
    """Draw patch number ``n``; the same number gives the same patch, in any order and in any worker.

    Parameters
    ----------
    patches : what is drawn from.
    length : numbers that may be asked for.
    seed : another seed, another set of patches.
    """

    def __init__(self, patches: FusionPatches, *, length: int, seed: int = 0) -> None:
        self.patches, self.length, self.seed = patches, length, seed

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, number: int) -> PlanesPatch:
        rng = np.random.default_rng([self.seed, number])
        seen = self.patches.draw(rng)
        image = self.patches.view.windowed(degrade_planes(seen.planes, rng))
        return {"image": image, "label": torch.from_numpy(fusion_label(seen.nodule)), "number": number}
