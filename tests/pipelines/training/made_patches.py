"""Patches that need no data: a bright ball in noise, every task labelled. Configs name ``made_patches.MadePatches``."""

from __future__ import annotations

import numpy as np
import torch
from torch.utils.data import Dataset

from resmtnet.networks.losses import Targets, pack_targets
from resmtnet.networks.packing import ATTRIBUTES, HeadMaps
from resmtnet.transforms.targets import Lesion, dense_targets


class MadePatches(Dataset):
    """Patch ``n`` follows from ``n``; even numbers are ``edges[0]`` voxels a side, odd ones ``edges[1]``."""

    def __init__(self, edges=(32, 32), *, faulty=()) -> None:
        self.edges, self.faulty = edges, set(faulty)

    def __len__(self) -> int:
        return 1000

    def __getitem__(self, number: int):
        rng = np.random.default_rng(number)
        edge = self.edges[number % 2]
        axes = np.mgrid[:edge, :edge, :edge]
        centre = rng.integers(10, edge - 10, 3)
        ball = sum((a - c) ** 2 for a, c in zip(axes, centre, strict=True)) <= 16
        image = torch.from_numpy(np.where(ball, 0.9, 0.1) + rng.normal(0, 0.1, ball.shape)).float()
        if number in self.faulty:
            image[0, 0, 0] = float("inf")
        lesion = Lesion(ball, np.eye(5, dtype=np.float32)[number % 5], np.full(len(ATTRIBUTES), 0.5, np.float32))
        made = dense_targets(ball.shape, [lesion], n_attributes=len(ATTRIBUTES))
        maps = HeadMaps(*(torch.from_numpy(a)[None] for a in (made.heat, made.box, made.mask, made.rating)))
        known = torch.ones(1, 1, *maps.heat.shape[2:])
        weights = (torch.from_numpy(a)[None] for a in (made.box_weight, made.rating_weight))
        box_weight, rating_weight = weights
        label = pack_targets(Targets(maps, known, box_weight, known, rating_weight))[0]
        return {"image": torch.stack([image, image]), "label": label, "number": number}
