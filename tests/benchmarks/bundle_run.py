"""Train and score with the configs of the bundle, in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BUNDLE = Path(__file__).parents[2] / "bundles" / "lung_nodule_ct"


def train(settings: Mapping[str, object]) -> Path:
    """Train with ``train.yaml`` unless ``output_dir`` holds its weights already; return the last ones."""
    weights = Path(str(settings["output_dir"])) / "models" / "model_last.pt"
    if not weights.exists():
        _run("configs/train.yaml", settings)
    return weights


def score(settings: Mapping[str, object]) -> Mapping[str, Any]:
    """Score with ``evaluate.yaml`` unless ``output_dir`` holds ``metrics.json`` already; return those figures."""
    path = Path(str(settings["output_dir"])) / "metrics.json"
    if not path.exists():
        _run("['configs/train.yaml', 'configs/evaluate.yaml']", settings)
    metrics: Mapping[str, Any] = json.loads(path.read_text())
    return metrics


def _run(config: str, settings: Mapping[str, object]) -> None:
    words = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "monai.bundle", "run", "--config_file", config, *words]
    done = subprocess.run(command, cwd=BUNDLE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr[-2000:]}")
