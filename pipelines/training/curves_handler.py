"""The loss of each task, epoch by epoch, in a file."""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events
from torch import Tensor

from ..results.atomic_write import atomic_write
from ..results.output_not_writable import writing


class LossOfParts(Protocol):
    """A loss that tells its tasks apart."""

    def parts(self, pred: Tensor, label: Tensor, /) -> Mapping[str, Tensor]: ...  # noqa: D102


class CurvesHandler:
    """Put one row per epoch (mean loss of each task over its iterations) into a CSV file, from the first process only.

    Rows of this epoch and later ones, which an earlier run left there, are dropped; so a run that goes on from a
    checkpoint, or starts anew, leaves one row per epoch.

    Parameters
    ----------
    loss : gives the parts; evaluated without gradient on the engine's ``pred`` and ``label``.
    path : the file.
    every : look at one in so many iterations of an epoch, from its first; an odd number, or wide and close batches are
        not both seen.
    """

    def __init__(self, loss: LossOfParts, path: str | Path, *, every: int = 5) -> None:
        self.loss, self.path, self.every = loss, Path(path), every
        self._values: dict[str, list[float]] = defaultdict(list)

    def attach(self, engine: Engine) -> None:
        """Look at iterations, write at the end of each epoch."""
        if idist.get_rank() > 0:
            return
        engine.add_event_handler(Events.EPOCH_STARTED, self.start)
        engine.add_event_handler(Events.ITERATION_COMPLETED(event_filter=self._looks), self.look)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.write)

    def start(self, engine: Engine) -> None:
        """Forget an epoch that was broken off."""
        self._values.clear()

    def look(self, engine: Any) -> None:
        """Note the parts of this iteration's loss; those that are not finite were not learnt from."""
        with torch.no_grad():
            parts = self.loss.parts(engine.state.output["pred"], engine.state.output["label"])
        for name, value in parts.items():
            if math.isfinite(value):
                self._values[name].append(float(value))

    def write(self, engine: Engine) -> None:
        """Add the means."""
        means = {name: f"{sum(values) / len(values):.5g}" for name, values in self._values.items()}
        rows = [*self._earlier(engine.state.epoch), {"epoch": str(engine.state.epoch), **means}]
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), restval="")
        writer.writeheader()
        writer.writerows(rows)
        with writing(self.path.parent):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(self.path, text.getvalue().encode())

    def _looks(self, engine: Any, iteration: int) -> bool:
        return bool((iteration - 1) % engine.state.epoch_length % self.every == 0)

    def _earlier(self, epoch: int) -> list[Mapping[str, str]]:
        if not self.path.exists():
            return []
        with self.path.open(newline="") as file:
            return [row for row in csv.DictReader(file) if int(row["epoch"]) < epoch]
