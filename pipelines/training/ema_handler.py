"""An averaged copy of the weights, which is the one that is kept."""

from __future__ import annotations

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events
from torch import nn

from .optimizer_steps import has_stepped, optimizer_steps


class EmaHandler:
    """Keep an exponential moving average of a network's weights and batch-norm statistics in another network.

    It holds no state but the average itself, so a run that is resumed needs only that.

    Parameters
    ----------
    network : the one that is trained.
    average : one of the same shape; overwritten at the start of a run, unless the run is resumed.
    decay : share of the average that each step keeps; reached gradually, so that the random start is forgotten.
    """

    def __init__(self, network: nn.Module, average: nn.Module, *, decay: float = 0.998) -> None:
        self.network, self.average, self.decay = network, average, decay

    def attach(self, engine: Engine) -> None:
        """Copy at the start, then follow every step of the optimiser."""
        engine.add_event_handler(Events.STARTED, self.copy)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.follow)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.share)

    def copy(self, engine: Engine) -> None:
        """Make the average equal to the network."""
        if engine.state.iteration == 0:
            self.average.load_state_dict(self.network.state_dict())

    def follow(self, engine: Engine) -> None:
        """Move the average a little towards the network."""
        if not has_stepped(engine):
            return
        n = optimizer_steps(engine)
        decay = min(self.decay, (1 + n) / (10 + n))
        current = self.network.state_dict()
        with torch.no_grad():
            for name, value in self.average.state_dict().items():
                if value.dtype.is_floating_point:
                    value.lerp_(current[name], 1 - decay)
                else:
                    value.copy_(current[name])

    def share(self, engine: Engine) -> None:
        """Take the first process's batch-norm statistics: each process has seen other patches."""
        if idist.get_world_size() > 1:
            for buffer in (*self.network.buffers(), *self.average.buffers()):
                torch.distributed.broadcast(buffer, src=0)
