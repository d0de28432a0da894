"""Tell a sampler which epoch it is."""

from __future__ import annotations

from ignite.engine import Engine, Events

from .patch_batch_sampler import PatchBatchSampler


class SamplerEpoch:
    """Drive a sampler that draws other numbers in each epoch, also in a run that is resumed.

    Parameters
    ----------
    sampler : of the trainer's data loader.
    """

    def __init__(self, sampler: PatchBatchSampler) -> None:
        self.sampler = sampler

    def attach(self, engine: Engine) -> None:
        """Follow the epochs of a trainer."""
        engine.add_event_handler(Events.EPOCH_STARTED, self.start)

    def start(self, engine: Engine) -> None:
        """Say which epoch begins."""
        self.sampler.set_epoch(engine.state.epoch - 1)
