"""How far a training is, and how long it will take."""

from __future__ import annotations

import math
import sys
import time
from typing import Any

import ignite.distributed as idist
from ignite.engine import Engine, Events
from tqdm import tqdm


class ProgressHandler:
    """Show a bar over all iterations on a terminal; log one line per epoch; from the first process only.

    The line says the mean loss, the time left, and the steps that were skipped.
    """

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None
        self._losses: list[Any] = []
        self._started, self._first = 0.0, 0

    def attach(self, engine: Engine) -> None:
        """Follow a trainer."""
        if idist.get_rank() > 0:
            return
        engine.add_event_handler(Events.STARTED, self.start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.move)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.say)
        engine.add_event_handler(Events.COMPLETED, self.close)
        engine.add_event_handler(Events.TERMINATE, self.close)

    def start(self, engine: Any) -> None:
        """Open the bar where the run starts, or goes on."""
        self._started, self._first = time.monotonic(), engine.state.iteration
        total = engine.state.max_epochs * engine.state.epoch_length
        hidden = not sys.stderr.isatty()
        self._bar = tqdm(total=total, initial=self._first, unit="it", disable=hidden, dynamic_ncols=True)

    def move(self, engine: Any) -> None:
        """Count one iteration."""
        self._losses.append(engine.state.output["loss"].detach())
        if self._bar is not None:
            self._bar.update()

    def say(self, engine: Any) -> None:
        """Log the line of an epoch."""
        losses = [value for value in map(float, self._losses) if math.isfinite(value)]
        mean = sum(losses) / max(1, len(losses))
        self._losses = []
        if self._bar is not None:
            self._bar.set_postfix(loss=f"{mean:.4g}")
        engine.logger.info(self._line(engine, mean))

    def _line(self, engine: Any, mean: float) -> str:
        done = engine.state.iteration - self._first
        left = engine.state.max_epochs * engine.state.epoch_length - engine.state.iteration
        minutes = (time.monotonic() - self._started) / max(1, done) * left / 60
        skipped = getattr(engine.state, "skipped_steps", 0)
        return (
            f"epoch {engine.state.epoch} of {engine.state.max_epochs}: loss {mean:.4g}, "
            f"{minutes:.1f} min left, {skipped} steps skipped"
        )

    def close(self, engine: Engine) -> None:
        """Close the bar."""
        if self._bar is not None:
            self._bar.close()
