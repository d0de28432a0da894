"""Score a bundle's network, as ``python -m monai.bundle run`` does."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from monai.bundle import ConfigWorkflow

from ..inference.usage_error import UsageError
from ..told_fault import told_fault

_CONFIGS = ("train.yaml", "evaluate.yaml")


def run_evaluation(
    root: Path,
    dataset_dir: Path,
    output_dir: Path,
    *,
    subsets: Sequence[int] | None = None,
    folds: Sequence[int] | None = None,
    weights: Path | None = None,
) -> Mapping[str, Any]:
    """Run the bundle's ``train.yaml`` with ``evaluate.yaml`` over it and return the ``metrics.json`` it writes.

    Building the parts runs what the configs say: only bundles of this package, or one the user names, belong here.

    Parameters
    ----------
    root : the bundle's folder.
    dataset_dir : a folder of the form that the config's ``dataset_form`` names.
    output_dir : where the figures go.
    subsets, folds : LUNA16 subsets of nodules, or folds of labelled images, to take; None for what the config says.
    weights : of the bundle's network; None for the bundle's own.

    Raises
    ------
    UsageError
        The bundle lacks a config, it has no subsets or folds, the weights or the data set do not suit, or its
        evaluation wrote no figures.
    InputPathError
        The data set is faulty.
    """
    configs = [root / "configs" / name for name in _CONFIGS]
    if missing := [path.name for path in configs if not path.is_file()]:
        raise UsageError(f"The bundle has no configs/{missing[0]}: it cannot be evaluated.")
    written = output_dir / "metrics.json"
    written.unlink(missing_ok=True)
    named = {"evaluation_subsets": subsets, "evaluation_folds": folds}
    chosen: dict[str, Any] = {name: list(value) for name, value in named.items() if value is not None}
    chosen |= {} if weights is None else {"checkpoint": str(weights)}
    # told to configure no logging, MONAI warns of it on stdout, where the figures go
    logging.getLogger("monai.bundle.workflows").setLevel(logging.ERROR)
    workflow = ConfigWorkflow(
        config_file=[str(path) for path in configs],
        meta_file=str(root / "configs" / "metadata.json"),
        logging_file=False,
        workflow_type="train",
    )
    if unknown := [name for name in chosen if name not in workflow.parser.config]:
        raise UsageError(f"The bundle's evaluate.yaml has no {unknown[0]}: it cannot be evaluated so.")
    paths = {"bundle_root": str(root), "dataset_dir": str(dataset_dir), "output_dir": str(output_dir)}
    workflow.parser.update({**paths, **chosen})
    try:
        workflow.initialize()
        workflow.run()
    except RuntimeError as error:  # MONAI wraps what its expressions raise
        raise told_fault(error) or error from error
    finally:
        workflow.finalize()
    if not written.is_file():
        raise UsageError("The bundle's evaluate.yaml wrote no metrics.json.")
    metrics: Mapping[str, Any] = json.loads(written.read_bytes())
    return metrics
