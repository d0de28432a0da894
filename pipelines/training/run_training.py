"""Train a bundle's network, as ``python -m monai.bundle run`` does."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from monai.bundle import ConfigWorkflow

from ..inference.usage_error import UsageError
from ..told_fault import told_fault
from .checkpoint_error import CheckpointError
from .training_diverged import TrainingDiverged

_OF_OPTIONS = (ValueError, TypeError, ArithmeticError, LookupError, FileNotFoundError, AssertionError)
"""What unfit options lead to while the parts are built; torch asserts that it has CUDA."""


def run_training(
    root: Path, overrides: Mapping[str, Any], *, recipe: str | None = None, logged: bool = True
) -> Mapping[str, Any]:
    """Run the bundle's ``train.yaml``, with a recipe over it, and ``multi_gpu_train.yaml`` under ``torchrun``.

    Building the parts runs what the configs say: only bundles of this package, or one the user names, belong here.

    Parameters
    ----------
    root : the bundle's folder.
    overrides : what to put in place of the config's values, by id (``::`` or ``#`` between the levels).
    recipe : name of another config of the bundle, or path of a YAML file; None for none.
    logged : write a log to stderr as the bundle's ``logging.conf`` says.

    Returns
    -------
    ``epochs`` trained in all, ``best_epoch``, ``best_metric`` of validation (None if there was none; a loss unless the
    config says otherwise), ``skipped_steps``.

    Raises
    ------
    UsageError
        The bundle cannot be trained, an id of ``overrides`` is not in its config, an option does not suit, or there is
        nothing to resume.
    InputPathError
        The data set is faulty.
    OutputNotWritable
        Weights, checkpoints or curves cannot be written; the checkpoints before are whole.
    TrainingDiverged
        Too many steps in a row were not finite.
    """
    configs = training_configs(root, recipe)
    workflow = ConfigWorkflow(
        config_file=[str(path) for path in configs],
        meta_file=str(root / "configs" / "metadata.json"),
        logging_file=None if logged else False,
        workflow_type="train",
    )
    _check_ids(workflow.parser, overrides)
    workflow.parser.update({"bundle_root": str(root), **overrides})
    try:
        trainer = _built(workflow)
        workflow.run()
    except RuntimeError as error:  # MONAI wraps what its expressions raise
        fault = _fault(error)
        if fault is None:
            raise
        raise fault from error
    workflow.finalize()  # not after a fault: NCCL would wait for the processes that have none, and nobody see it
    best = workflow.parser.get_parsed_content("validate#evaluator").state
    return {
        "epochs": trainer.state.epoch,
        "best_epoch": best.best_metric_epoch if best.best_metric_epoch > 0 else None,
        "best_metric": float(best.best_metric) if best.best_metric_epoch > 0 else None,
        "skipped_steps": trainer.state.skipped_steps,
    }


def training_configs(root: Path, recipe: str | None = None) -> Sequence[Path]:
    """Return the configs that train a bundle here: train.yaml, the recipe, and one more under ``torchrun``.

    Raises
    ------
    UsageError
        One of them is missing.
    """
    several = int(os.environ.get("WORLD_SIZE", "1")) > 1
    own = [root / "configs" / name for name in ("train.yaml", *(["multi_gpu_train.yaml"] if several else []))]
    if missing := [path.name for path in own if not path.is_file()]:
        raise UsageError(f"The bundle has no configs/{missing[0]}: it cannot be trained so.")
    return own if recipe is None else [own[0], _recipe(root, recipe), *own[1:]]


def _recipe(root: Path, recipe: str) -> Path:
    given = Path(recipe)
    path = given if given.suffix in (".yaml", ".yml", ".json") else root / "configs" / f"{recipe}.yaml"
    if not path.is_file():
        there = (path.stem for path in (root / "configs").glob("*.yaml"))
        others = sorted(name for name in there if not name.endswith(("train", "evaluate")))
        raise UsageError(f"There is no recipe {recipe}. The bundle has: {', '.join(others) or 'none'}.")
    return path


def _check_ids(parser: Any, overrides: Mapping[str, Any]) -> None:
    for name in overrides:
        if name.replace("#", "::").split("::")[0] not in parser.config:
            known = ", ".join(key for key, value in parser.config.items() if not isinstance(value, dict | list))
            raise UsageError(f"There is no {name} in the bundle's train.yaml. It has, among others: {known}.")


def _built(workflow: ConfigWorkflow) -> Any:
    """Build everything before the run: what is wrong with data or options is then told from what fails in training."""
    try:
        workflow.initialize()
        return workflow.parser.get_parsed_content("train#trainer")
    except RuntimeError as error:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, _OF_OPTIONS):
            cause = cause.__cause__
        if cause is None or _fault(error) is not None:
            raise
        raise UsageError(f"The training cannot be set up: {cause}") from error


def _fault(error: BaseException | None) -> Exception | None:
    told = told_fault(error, CheckpointError, TrainingDiverged)
    return UsageError(f"Cannot go on: {told}") if isinstance(told, CheckpointError) else told
