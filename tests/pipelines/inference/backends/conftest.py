"""The small bundle with its network exported, once for all tests: tracing takes the longest."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import monai.bundle
import pytest
import torch

from resmtnet.networks import ResMTNet
from resmtnet.pipelines.inference.bundle_workflow import BundleWorkflow

CONTRAST = 100
"""Random weights hold all places for about as likely, so that rounding decides which comes first."""


@pytest.fixture(scope="session")
def exported_bundle(small_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the small bundle with ``models/model.onnx``, written by the bundle's command."""
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package)
    bundle = tmp_path_factory.mktemp("exported") / "small"
    shutil.copytree(small_bundle, bundle)
    weights = bundle / "models" / "model.pt"
    state = torch.load(weights, weights_only=True)
    state["heads.heat.weight"] *= CONTRAST
    torch.save(state, weights)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    with pytest.warns(UserWarning, match="source you trust"):
        monai.bundle.run(
            config_file=[str(bundle / "configs" / name) for name in ("inference.json", "export.yaml")],
            bundle_root=str(bundle),
        )
    root.handlers[:], root.level = before  # what a bundle's logging.conf does to it
    return bundle


@pytest.fixture(scope="session")
def small_network(exported_bundle: Path) -> ResMTNet:
    """Return the same network in torch."""
    network: ResMTNet = BundleWorkflow(exported_bundle, {}).part("network_def")
    network.load_state_dict(torch.load(exported_bundle / "models" / "model.pt", weights_only=True))
    return network.eval()
