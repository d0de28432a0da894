"""Stop when validation gets no better."""

from __future__ import annotations

from ignite.engine import Engine, Events


class EarlyStopHandler:
    """End the training when the best validation is so many epochs ago; MONAI's own keeps a count that is not resumed.

    Must come after the handler that validates.

    Parameters
    ----------
    evaluator : knows its best metric and the epoch of it.
    patience : epochs; None never stops.
    """

    def __init__(self, evaluator: Engine, *, patience: int | None = None) -> None:
        self.evaluator, self.patience = evaluator, patience

    def attach(self, engine: Engine) -> None:
        """Look at the end of each epoch; also at the start, for a run that had ended and is resumed."""
        if self.patience is not None:
            engine.add_event_handler(Events.STARTED, self.judge)
            engine.add_event_handler(Events.EPOCH_COMPLETED, self.judge)

    def judge(self, engine: Engine) -> None:
        """Stop, or not."""
        best = self.evaluator.state.best_metric_epoch
        if best > 0 and self.patience is not None and engine.state.epoch - best >= self.patience:
            engine.logger.info(f"no better validation since epoch {best}: the training ends early")
            engine.terminate()
