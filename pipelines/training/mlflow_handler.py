"""Figures of a training run in MLflow."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ignite.distributed as idist
from ignite.engine import Engine, Events

from ..inference.usage_error import UsageError

_EXPERIMENT = "resmtnet"


class MlflowHandler:
    """Write loss, learning rate and validation figures of each epoch into a folder of MLflow's file form.

    MONAI's ``MLFlowHandler`` refuses folders and wants a database, which mlflow-skinny does not have. A run that is
    resumed goes on in the run of the same name. Nothing leaves the machine: MLflow's own telemetry is switched off
    (``MLFLOW_DISABLE_TELEMETRY``, ``DO_NOT_TRACK``) before anything is written.

    Parameters
    ----------
    folder : where MLflow keeps its files; ``mlflow ui --backend-store-uri FOLDER`` shows them.
    run_name : name of the run; must not identify anybody.
    evaluator : whose metrics are written in epochs that validate.
    parameters : settings to write once.

    Raises
    ------
    UsageError
        At the start, if MLflow is not installed.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        run_name: str = "train",
        evaluator: Engine | None = None,
        parameters: Mapping[str, object] | None = None,
    ) -> None:
        self.folder, self.run_name, self.evaluator = Path(folder), run_name, evaluator
        self.parameters = dict(parameters or {})
        self._client: Any = None
        self._run = ""
        self._losses: list[Any] = []

    def attach(self, engine: Engine) -> None:
        """Follow a trainer, in the first process only."""
        if idist.get_rank() > 0:
            return
        engine.add_event_handler(Events.STARTED, self.start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.look)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.write)
        engine.add_event_handler(Events.COMPLETED, self.close)

    def start(self, engine: Engine) -> None:
        """Open the run, or the one to go on with."""
        self._client = _client(self.folder)
        known = self._client.get_experiment_by_name(_EXPERIMENT)
        experiment = known.experiment_id if known is not None else self._client.create_experiment(_EXPERIMENT)
        runs = [run for run in self._client.search_runs([experiment]) if run.info.run_name == self.run_name]
        if engine.state.iteration > 0 and runs:
            self._run = runs[0].info.run_id
            self._client.update_run(self._run, status="RUNNING")
            return
        self._run = self._client.create_run(experiment, run_name=self.run_name).info.run_id
        for name, value in self.parameters.items():
            self._client.log_param(self._run, name, value)

    def look(self, engine: Any) -> None:
        """Note the loss."""
        self._losses.append(engine.state.output["loss"].detach())

    def write(self, engine: Any) -> None:
        """Write the figures of an epoch."""
        losses, self._losses = [value for value in map(float, self._losses) if math.isfinite(value)], []
        figures = {"train_loss": sum(losses) / len(losses)} if losses else {}
        figures["learning_rate"] = engine.optimizer.param_groups[0]["lr"]
        figures["skipped_steps"] = float(getattr(engine.state, "skipped_steps", 0))
        if self.evaluator is not None and self.evaluator.state.epoch == engine.state.epoch:
            figures |= {name: float(value) for name, value in self.evaluator.state.metrics.items()}
        for name, value in figures.items():
            self._client.log_metric(self._run, name, value, step=engine.state.epoch)

    def close(self, engine: Engine) -> None:
        """Mark the run as finished."""
        self._client.set_terminated(self._run)


def _client(folder: Path) -> Any:
    os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "MLFLOW_ALLOW_FILE_STORE": "true"}
    try:
        from mlflow import MlflowClient
        from mlflow.telemetry import set_telemetry_client
    except ImportError as error:
        raise UsageError("MLflow is not installed; mlflow-skinny will do.") from error
    set_telemetry_client()  # type: ignore[no-untyped-call]  # MONAI imports mlflow before anybody could say no; this takes its client away
    return MlflowClient(tracking_uri=folder.resolve().as_uri())
