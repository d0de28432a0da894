"""Try a training out where there is no data."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monai.bundle import ConfigWorkflow

from .made_nodules_folder import write_made_nodules
from .run_training import run_training

_N_NODULES = 12
_SMALL = {
    "phantom_seeds": [101],
    "validation_phantom_seeds": [101],
    "train_subsets": [0],
    "validation_subsets": [1],
    "validation_patches": 8,
    "max_epochs": 3,
    "epoch_length": 12,
    "batch_size": 4,
    "val_interval": 1,
    "workers": 0,
    "hard_share": 0.25,
    "network_def": {
        "_target_": "resmtnet.networks.ResMTNet",
        "in_channels": 2,
        "widths": [8, 8, 16, 16],
        "blocks": [1, 1, 1, 1],
        "width": 16,
        "fine_width": 8,
    },
}
"""Everything else is as in train.yaml: the patches, the losses, the handlers."""


def smoke(root: Path, output: Path, overrides: Mapping[str, Any], *, logged: bool = True) -> Mapping[str, Any]:
    """Train a small network on made data with the bundle's ``train.yaml``, then evaluate it on made nodules.

    Parameters
    ----------
    root : the bundle's folder.
    output : made data, weights and figures go here.
    overrides : on top, by id.

    Returns
    -------
    ``losses``: of validation, by task, after the first and the last epoch; ``fell``: whether those of presence and
    outline did; ``metrics``: the ``metrics.json`` of the evaluation.
    """
    data = output / "made_nodules"
    write_made_nodules(data, _N_NODULES, seed=1)
    options = {**_SMALL, "dataset_dir": str(data), "backgrounds_dir": "", "output_dir": str(output), **overrides}
    run_training(root, options, logged=logged)
    losses = _losses(output / "validation_curve.csv")
    fell = all(losses[name][1] < losses[name][0] for name in ("heat", "mask"))
    return {"losses": losses, "fell": fell, "metrics": _evaluate(root, output, options, logged=logged)}


def _losses(curve: Path) -> dict[str, tuple[float, float]]:
    with curve.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: (float(rows[0][name]), float(rows[-1][name])) for name in rows[0] if name != "epoch"}


def _evaluate(root: Path, output: Path, options: Mapping[str, Any], *, logged: bool) -> Mapping[str, Any]:
    workflow = ConfigWorkflow(
        config_file=[str(root / "configs" / name) for name in ("train.yaml", "evaluate.yaml")],
        meta_file=str(root / "configs" / "metadata.json"),
        logging_file=None if logged else False,
        workflow_type="train",
    )
    chosen = {"evaluation_subsets": [1], "checkpoint": str(output / "models" / "model.pt")}
    workflow.parser.update({"bundle_root": str(root), **options, **chosen})
    workflow.initialize()
    workflow.run()
    workflow.finalize()
    metrics: Mapping[str, Any] = json.loads((output / "metrics.json").read_bytes())
    return metrics
