"""An averaged copy of the weights, which is the one that is kept."""

from __future__ import annotations

import torch
from ignite.engine import Engine, Events
from torch import nn


class EmaHandler:
    """Keep an exponential moving average of a network's weights and batch-norm statistics in another network.

    Parameters
    ----------
    network : the one that is trained.
    average : one of the same shape; overwritten at the start.
    decay : share of the average that each iteration keeps; reached gradually, so that the random start is forgotten.
    """

    def __init__(self, network: nn.Module, average: nn.Module, *, decay: float = 0.998) -> None:
        self.network, self.average, self.decay = network, average, decay

    def attach(self, engine: Engine) -> None:
        """Copy at the start, then follow every iteration."""
        engine.add_event_handler(Events.STARTED, self.copy)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.follow)

    def copy(self, engine: Engine) -> None:
        """Make the average equal to the network."""
        self.average.load_state_dict(self.network.state_dict())

    def follow(self, engine: Engine) -> None:
        """Move the average a little towards the network."""
        n = engine.state.iteration
        decay = min(self.decay, (1 + n) / (10 + n))
        current = self.network.state_dict()
        with torch.no_grad():
            for name, value in self.average.state_dict().items():
                if value.dtype.is_floating_point:
                    value.lerp_(current[name], 1 - decay)
                else:
                    value.copy_(current[name])
