from __future__ import annotations

import csv
import os
import socket
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from ignite.engine import Engine, Events

from resmtnet.networks import ResMTNet
from resmtnet.networks.losses import MultiTaskLoss
from resmtnet.pipelines.inference.usage_error import UsageError
from resmtnet.pipelines.training.curves_handler import CurvesHandler
from resmtnet.pipelines.training.early_stop_handler import EarlyStopHandler
from resmtnet.pipelines.training.weights_handler import WeightsHandler


@pytest.fixture
def offline(monkeypatch):
    """Any connection is an error."""

    def refuse(*_):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_mlflow_writes_a_folder_offline_and_a_resumed_run_goes_on_in_it(workflow, tmp_path, offline, monkeypatch):
    mlflow = pytest.importorskip("mlflow")
    for name in ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK", "MLFLOW_ALLOW_FILE_STORE"):
        monkeypatch.setenv(name, "false")  # and back to what it was
    output, store = tmp_path / "run7", tmp_path / "mlflow"
    figures = {"mlflow_dir": str(store), "max_epochs": 4, "val_interval": 2}
    first = workflow(output, **figures)
    trainer = first.parser.get_parsed_content("train#trainer")
    trainer.add_event_handler(Events.EPOCH_COMPLETED(once=2), lambda engine: engine.terminate(skip_completed=True))
    first.run()
    workflow(output, **figures, resume="auto").run()
    client = mlflow.MlflowClient(tracking_uri=store.resolve().as_uri())
    (run,) = client.search_runs([client.get_experiment_by_name("resmtnet").experiment_id])
    assert (run.info.run_name, run.info.status, run.data.params["batch_size"]) == ("run7", "FINISHED", "2")
    history = {name: client.get_metric_history(run.info.run_id, name) for name in ("train_loss", "val_loss")}
    assert [value.step for value in history["train_loss"]] == [1, 2, 3, 4]
    assert [value.step for value in history["val_loss"]] == [2, 4]
    with (output / "validation_curve.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["2", "4"]
    from mlflow.telemetry import get_telemetry_client

    assert get_telemetry_client() is None
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_without_mlflow_the_call_is_refused(workflow, tmp_path, monkeypatch):
    for name in ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK", "MLFLOW_ALLOW_FILE_STORE"):
        monkeypatch.setenv(name, "false")
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(RuntimeError) as caught:
        workflow(tmp_path, mlflow_dir=str(tmp_path / "mlflow")).run()
    assert isinstance(caught.value.__cause__, UsageError)


def test_tensorboard_writes_losses_of_training_and_validation(workflow, tmp_path, offline):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    workflow(tmp_path, tensorboard="true", max_epochs=2).run()
    scalars = {}
    for file in sorted((tmp_path / "tensorboard").iterdir()):
        events = EventAccumulator(str(file))
        events.Reload()
        scalars |= {tag: [event.step for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
    assert scalars["train_loss"] == [1, 2, 3, 4, 5, 6]
    assert scalars["val_loss"] == [1, 2]


def test_nothing_of_both_by_default(workflow, tmp_path):
    workflow(tmp_path, max_epochs=1).run()
    assert {path.name for path in tmp_path.iterdir()} == {"models", "train_curve.csv", "validation_curve.csv"}


def test_a_terminal_sees_a_bar_and_a_log_a_line_with_the_time_left(workflow, tmp_path, caplog):
    caplog.set_level("INFO")
    workflow(tmp_path, max_epochs=2).run()
    lines = [record.getMessage() for record in caplog.records if "min left" in record.getMessage()]
    assert [line.partition(":")[0] for line in lines] == ["epoch 1 of 2", "epoch 2 of 2"]
    assert "0.0 min left, 0 steps skipped" in lines[1]


def test_the_run_stops_when_validation_gets_no_better():
    best = {1: 1, 2: 2, 3: 2, 4: 2, 5: 2, 6: 2}  # the best epoch, as known after each epoch
    evaluator = SimpleNamespace(state=SimpleNamespace(best_metric_epoch=-1))
    trainer = Engine(lambda *_: None)

    def validate(engine):
        evaluator.state.best_metric_epoch = best[engine.state.epoch]

    trainer.add_event_handler(Events.EPOCH_COMPLETED, validate)
    EarlyStopHandler(evaluator, patience=3).attach(trainer)
    assert trainer.run([0], max_epochs=6).epoch == 5
    never = Engine(lambda *_: None)
    EarlyStopHandler(evaluator, patience=None).attach(never)
    assert never.run([0], max_epochs=6).epoch == 6


def test_the_best_weights_are_kept_and_the_last_ones(tmp_path):
    network = torch.nn.Linear(1, 1, bias=False)
    evaluator = Engine(lambda *_: None)
    WeightsHandler(network, tmp_path / "models").attach(evaluator)
    for epoch, best in ((1, 1), (2, 2), (3, 2)):
        network.weight.data.fill_(epoch)
        evaluator.state.best_metric_epoch = best
        evaluator.state.epoch = epoch - 1  # MONAI's evaluator runs so: one epoch, named as the trainer's
        evaluator.run([0], max_epochs=epoch)
    kept = [torch.load(tmp_path / "models" / name, weights_only=True) for name in ("model.pt", "model_last.pt")]
    assert [float(weights["weight"]) for weights in kept] == [2.0, 3.0]


def test_a_run_that_starts_anew_replaces_the_old_curve_and_goes_by_what_is_finite(tmp_path):
    path = tmp_path / "curve.csv"
    path.write_text("epoch,heat\n1,5\n2,4\n3,3\n")
    loss, engine = MultiTaskLoss(), Engine(lambda *_: None)
    handler = CurvesHandler(loss, path, every=1)
    values = iter([1.0, float("nan"), 3.0])
    loss.parts = lambda *_: {"heat": torch.tensor(next(values))}
    engine.state.epoch, engine.state.output = 2, {"pred": None, "label": None}
    for _ in range(3):
        handler.look(engine)
    handler.write(engine)
    assert path.read_text().split() == ["epoch,heat", "1,5", "2,2"]


def test_a_trained_network_loads_into_the_network_of_the_bundle(workflow, tmp_path):
    workflow(tmp_path, max_epochs=1).run()
    for name in ("model.pt", "model_last.pt"):
        weights = torch.load(Path(tmp_path, "models", name), weights_only=True)
        ResMTNet(2, widths=(4, 8, 8, 8), blocks=(1, 1, 1, 1), width=8, fine_width=8).load_state_dict(weights)
