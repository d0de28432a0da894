"""No step that is not finite, and none that is too large."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events
from monai.engines.utils import IterationEvents
from torch import Tensor, nn

from .checkpoint_file import checkpoint_files
from .optimizer_steps import is_optimizer_step
from .training_diverged import TrainingDiverged


class GradientGuard:
    """Clip the gradients, and skip a step whose loss or gradients are not finite.

    A skipped step leaves weights, optimiser, average and batch-norm statistics as they were, in every process alike. It
    is counted in ``engine.state.skipped_steps``. The optimiser is kept from stepping by taking the gradients away:
    torch optimisers pass over parameters that have none.

    Parameters
    ----------
    network : whose gradients are clipped.
    max_norm : largest norm of all gradients together (Pascanu et al. 2013, algorithm 1); None for no limit.
    most_in_a_row : so many skipped steps after one another end the training. A loss scaler (float16) starts too high
        and needs up to 16.
    checkpoints : folder of the checkpoints, to name the last good one.

    Raises
    ------
    TrainingDiverged
        From the training, after ``most_in_a_row`` skipped steps.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        max_norm: float | None = None,
        most_in_a_row: int = 20,
        checkpoints: str | Path | None = None,
    ) -> None:
        self.network = network
        self.max_norm = float("inf") if max_norm is None else max_norm
        self.most_in_a_row, self.checkpoints = most_in_a_row, checkpoints
        self._in_a_row = 0
        self._buffers: list[Tensor] = []
        self._faulty: Tensor | bool = False

    def attach(self, engine: Engine) -> None:
        """Look at every gradient before the optimiser does."""
        engine.state.skipped_steps = 0
        engine.state.step_skipped = False
        engine.add_event_handler(Events.ITERATION_STARTED, self.remember)
        engine.add_event_handler(IterationEvents.BACKWARD_COMPLETED, self.judge)

    def remember(self, engine: Engine) -> None:
        """Keep the batch-norm statistics from before the iterations of a step: a forward pass may spoil them."""
        if (engine.state.iteration - 1) % engine.state.epoch_length % engine.accumulation_steps == 0:
            self._buffers = [buffer.clone() for buffer in self.network.buffers()]
            self._faulty = False

    def judge(self, engine: Engine) -> None:
        """Clip, or take the gradients away."""
        self._faulty = ~torch.isfinite(engine.state.output["loss"].detach()) | self._faulty
        if not is_optimizer_step(engine):
            return
        if engine.scaler is not None:
            engine.scaler.unscale_(engine.optimizer)
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.max_norm)
        engine.state.step_skipped = _anywhere(bool(self._faulty | ~torch.isfinite(norm)))
        self._in_a_row = self._in_a_row + 1 if engine.state.step_skipped else 0
        if engine.state.step_skipped:
            self._skip(engine)

    def _skip(self, engine: Any) -> None:
        engine.optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            for buffer, before in zip(self.network.buffers(), self._buffers, strict=True):
                buffer.copy_(before)
        engine.state.skipped_steps += 1
        if self._in_a_row >= self.most_in_a_row:
            raise TrainingDiverged(self._message(engine))

    def _message(self, engine: Any) -> str:
        good = checkpoint_files(self.checkpoints)[-1:] if self.checkpoints is not None else []
        last = f"the last good checkpoint is {good[0].name}" if good else "there is no checkpoint yet"
        return (
            f"epoch {engine.state.epoch}: {self._in_a_row} steps in a row had a loss or gradients that are not finite "
            f"({engine.state.skipped_steps} skipped in all); {last}. Look at the data, or lower learning_rate."
        )


def _anywhere(faulty: bool) -> bool:
    """Say whether any process says so: all must skip the same steps, or their weights differ for good."""
    return faulty if idist.get_world_size() == 1 else bool(idist.all_reduce(int(faulty)))
