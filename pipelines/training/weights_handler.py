"""The weights that are shipped."""

from __future__ import annotations

from pathlib import Path

import ignite.distributed as idist
from ignite.engine import Engine, Events
from torch import nn

from .checkpoint_file import save_whole


class WeightsHandler:
    """After each validation write ``model_last.pt``, and ``model.pt`` if it was the best; from the first process only.

    MONAI's ``CheckpointSaver`` does not know, in a run that was resumed, what the best was before. This handler asks
    the evaluator, whose best metric is in the checkpoint.

    Parameters
    ----------
    network : what was validated.
    folder : of the two files; they load with ``weights_only=True``.
    """

    def __init__(self, network: nn.Module, folder: str | Path) -> None:
        self.network, self.folder = network, Path(folder)

    def attach(self, engine: Engine) -> None:
        """Write after each validation (of an evaluator)."""
        engine.add_event_handler(Events.COMPLETED, self.write)

    def write(self, engine: Engine) -> None:
        """Write the files."""
        if idist.get_rank() > 0:
            return
        names = ["model_last.pt"]
        if engine.state.best_metric_epoch == engine.state.epoch:
            names.append("model.pt")
        weights = {name: value.cpu() for name, value in self.network.state_dict().items()}  # any machine can load them
        for name in names:
            save_whole(weights, self.folder / name)
