"""Show again what was taken for a nodule and is none."""

from __future__ import annotations

from typing import Any

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events
from torch import Tensor

from ...networks.losses import unpack_targets
from ...networks.packing import unpack
from .patch_batch_sampler import PatchBatchSampler

_NO_NODULE = 0.01
"""Cells whose target is lower count as empty: the Gaussian around a centre has no end, and there it is 3 sigma away."""


class HardNegativeHandler:
    """Drive a patch sampler: tell it the epoch, and the patches with the worst false positives to draw again.

    The worst false positive of a patch is the highest presence where the target is (nearly) 0 and known. All processes'
    patches are ranked together (gathered at the end of the epoch) and dealt out one by one.

    Parameters
    ----------
    sampler : of the trainer's data loader.
    least : patches whose worst false positive is less probable than this are not hard; a candidate must be as probable.
    """

    def __init__(self, sampler: PatchBatchSampler, *, least: float = 0.1) -> None:
        self.sampler, self.least = sampler, least
        self._numbers: list[Tensor] = []
        self._scores: list[Tensor] = []

    def attach(self, engine: Engine) -> None:
        """Follow the epochs of a trainer."""
        engine.add_event_handler(Events.EPOCH_STARTED, self.start)
        if self.sampler.hard_places:
            engine.add_event_handler(Events.ITERATION_COMPLETED, self.look)
            engine.add_event_handler(Events.EPOCH_COMPLETED, self.hand_over)

    def start(self, engine: Engine) -> None:
        """Tell the sampler which epoch begins."""
        self.sampler.set_epoch(engine.state.epoch - 1)
        self._numbers, self._scores = [], []

    def look(self, engine: Any) -> None:
        """Score the patches of a wide batch."""
        numbers = torch.as_tensor(engine.state.batch["number"])
        if int(numbers[0]) % self.sampler.kinds == 0:
            self._numbers.append(numbers)
            self._scores.append(worst_false_positive(engine.state.output["pred"], engine.state.output["label"]))

    def hand_over(self, engine: Engine) -> None:
        """Rank the patches of the epoch and tell the sampler the hardest."""
        if not self._numbers:
            return
        numbers, scores = _of_all_processes(torch.cat(self._numbers)), _of_all_processes(torch.cat(self._scores))
        order = torch.argsort(scores, descending=True, stable=True)
        hard = numbers[order][scores[order] >= self.least].tolist()
        self.sampler.set_hard(list(dict.fromkeys(hard))[: self.sampler.hard_numbers])


def worst_false_positive(packed: Tensor, packed_targets: Tensor) -> Tensor:
    """Return the highest presence ``(b,)`` in [0, 1] where the target is empty and known; 0 where that is nowhere.

    A presence that is not finite counts as 0: such a patch is faulty, not hard.
    """
    targets = unpack_targets(packed_targets.detach())
    heat = unpack(packed.detach().float()).heat
    counted = (targets.maps.heat < _NO_NODULE) & (targets.heat_weight > 0) & torch.isfinite(heat)
    return torch.where(counted, torch.sigmoid(heat), 0.0).flatten(1).amax(dim=1)


def _of_all_processes(values: Tensor) -> Tensor:
    if idist.get_world_size() > 1:
        gathered: Any = idist.all_gather(values.to(idist.device()))
        values = gathered
    return values.cpu()
