"""The shipped train.yaml on made patches and a small network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from monai.bundle import ConfigWorkflow

import resmtnet.bundles

CONFIGS = Path(resmtnet.bundles.__file__).parent / "lung_nodule_ct" / "configs"
MADE = {"_target_": "made_patches.MadePatches"}
SMALL = {"widths": [4, 8, 8, 8], "blocks": [1, 1, 1, 1], "width": 8, "fine_width": 8}
NETWORK = {"_target_": "resmtnet.networks.ResMTNet", "in_channels": 2, **SMALL}

Train = Callable[..., ConfigWorkflow]


def overrides(output: Path) -> dict[str, Any]:
    return {
        "bundle_root": str(CONFIGS.parent),
        "output_dir": str(output),
        "network_def": NETWORK,
        "train#dataset": MADE,
        "validate#dataset": MADE,
        "device": "$torch.device('cpu')",
        "kinds": 2,
        "hard_share": 0.5,
        "hard_least": 0.0,
        "batch_size": 2,
        "epoch_length": 3,
        "max_epochs": 4,
        "val_interval": 1,
        "validation_patches": 2,
        "workers": 0,
        "precision": "float32",
    }


@pytest.fixture
def made_overrides(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], dict[str, Any]]:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return overrides


@pytest.fixture
def workflow(made_overrides) -> Train:
    """Build train.yaml with overrides; ``trainer`` is its part ``train#trainer``."""
    torch.set_num_threads(1)

    def build(output: Path, **more: Any) -> ConfigWorkflow:
        built = ConfigWorkflow(
            config_file=str(CONFIGS / "train.yaml"),
            meta_file=str(CONFIGS / "metadata.json"),
            logging_file=False,
            workflow_type="train",
            **{**made_overrides(output), **more},
        )
        built.initialize()
        return built

    return build
