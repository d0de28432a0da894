from __future__ import annotations

from types import SimpleNamespace

import pytest
from ignite.engine import Engine, Events

from resmtnet.pipelines.training.early_stop_handler import EarlyStopHandler


def epochs(best: int, *, patience: int | None, resumed_after: int = 0) -> int:
    """How many epochs a run of at most eight has, in which epoch ``best`` was the best."""

    def load(engine: Engine) -> None:
        engine.state.epoch = engine.state.iteration = resumed_after
        evaluator.state.best_metric_epoch = best if resumed_after >= best else -1

    def validate(engine: Engine) -> None:
        evaluator.state.best_metric_epoch = best if engine.state.epoch >= best else -1

    evaluator = SimpleNamespace(state=SimpleNamespace(best_metric_epoch=-1))
    trainer = Engine(lambda engine, batch: None)
    trainer.add_event_handler(Events.STARTED, load)
    trainer.add_event_handler(Events.EPOCH_COMPLETED, validate)
    EarlyStopHandler(evaluator, patience=patience).attach(trainer)
    return trainer.run([0], max_epochs=8).epoch


@pytest.mark.parametrize(("patience", "expected"), [(None, 8), (2, 4), (20, 8)])
def test_a_run_ends_when_it_gets_no_better(patience, expected):
    assert epochs(2, patience=patience) == expected


def test_a_run_that_had_ended_trains_no_more_when_resumed():
    assert epochs(2, patience=2, resumed_after=4) == 4
    assert epochs(2, patience=2, resumed_after=3) == 4
