"""Hold the statistics of batch norm still."""

from __future__ import annotations

from typing import Any

from ignite.engine import Engine, Events
from torch import nn


class FreezeStatistics:
    """From an epoch on, normalise by the running statistics and change them no more.

    Batches of wide and of close looks have other statistics, and the network that is kept normalises both by one mean:
    it must be trained as it will be used. Weights and biases of the norms go on learning.

    Parameters
    ----------
    network : the one that is trained.
    after : epochs that still move the statistics; 0 where weights were loaded, None for never.
    """

    def __init__(self, network: nn.Module, *, after: int | None) -> None:
        self.after = after
        self._norms = [m for m in network.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
        self._frozen = False
        network.register_forward_pre_hook(self._hold)

    def attach(self, engine: Engine) -> None:
        """Look at the beginning of each epoch whether it is time."""
        engine.add_event_handler(Events.EPOCH_STARTED, self.look)

    def look(self, engine: Engine) -> None:
        """Freeze once ``after`` epochs are done."""
        self._frozen = self.after is not None and engine.state.epoch > self.after

    def _hold(self, network: nn.Module, _inputs: Any) -> None:
        """Undo, before each forward pass, what ``train()`` of the trainer did to the norms."""
        if self._frozen and network.training:
            for norm in self._norms:
                norm.eval()
