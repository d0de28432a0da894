"""The loss of each task, epoch by epoch, in a file."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events

from ...networks.losses import MultiTaskLoss


class CurvesHandler:
    """Append one row per epoch (mean loss of each task over its iterations) to a CSV file, from the first process only.

    Parameters
    ----------
    loss : gives the parts; evaluated without gradient on the engine's ``pred`` and ``label``.
    path : the file; continued if it is there.
    every : look at one in so many iterations.
    """

    def __init__(self, loss: MultiTaskLoss, path: str | Path, *, every: int = 4) -> None:
        self.loss, self.path, self.every = loss, Path(path), every
        self._values: dict[str, list[float]] = defaultdict(list)
        self._epoch = 0

    def attach(self, engine: Engine) -> None:
        """Look at iterations, write at the end of each epoch."""
        if idist.get_rank() > 0:
            return
        engine.add_event_handler(Events.ITERATION_COMPLETED(every=self.every), self.look)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.write)

    def look(self, engine: Engine) -> None:
        """Note the parts of this iteration's loss."""
        with torch.no_grad():
            for name, value in self.loss.parts(engine.state.output["pred"], engine.state.output["label"]).items():
                self._values[name].append(float(value))

    def write(self, engine: Engine) -> None:
        """Append the means."""
        self._epoch += 1
        row = {"epoch": float(self._epoch)} | {n: sum(v) / len(v) for n, v in self._values.items()}
        self._values.clear()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = not self.path.exists()
        with self.path.open("a", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            if new:
                writer.writeheader()
            writer.writerow({name: f"{value:.5g}" for name, value in row.items()})
