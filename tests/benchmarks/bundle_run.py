"""Train and score with the configs of a bundle, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BUNDLE = Path(__file__).parents[2] / "bundles" / "lung_nodule_ct"
"""Where nothing else is said."""


def train(settings: Mapping[str, object], *, bundle: str | None = None, threads: int | None = None) -> Path:
    """Train with ``train.yaml`` unless ``output_dir`` holds the weights of a finished run; return the last ones.

    A finished run leaves its settings in ``trained.json``.
    ``threads`` of the processor that torch may use; None: as many as it wants.
    """
    folder = Path(str(settings["output_dir"]))
    weights, done = folder / "models" / "model_last.pt", folder / "trained.json"
    if not (weights.exists() and done.exists()):
        _run("configs/train.yaml", settings, bundle, threads)
        done.write_text(json.dumps(dict(settings), indent=1, default=str) + "\n")
    return weights


def score(
    settings: Mapping[str, object], *, bundle: str | None = None, threads: int | None = None
) -> Mapping[str, Any]:
    """Score with ``evaluate.yaml`` unless ``output_dir`` holds ``metrics.json`` already; return those figures."""
    path = Path(str(settings["output_dir"])) / "metrics.json"
    if not path.exists():
        _run("['configs/train.yaml', 'configs/evaluate.yaml']", settings, bundle, threads)
    metrics: Mapping[str, Any] = json.loads(path.read_text())
    return metrics


def _run(config: str, settings: Mapping[str, object], bundle: str | None, threads: int | None) -> None:
    words = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "monai.bundle", "run", "--config_file", config, *words]
    limits = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
    environment = {**os.environ, **limits}
    root = BUNDLE if bundle is None else BUNDLE.with_name(bundle)
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr[-2000:]}")
