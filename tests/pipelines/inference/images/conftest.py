"""The bundles of pictures with random weights, and pictures on disk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from resmtnet.networks import EMTNet, MobileNetV2

NETWORKS = {"lung_ct_classification": MobileNetV2, "breast_ultrasound": EMTNet}


@pytest.fixture(scope="session")
def image_bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("image_bundles")
    for name, network in NETWORKS.items():
        shutil.copytree(Path(str(files("resmtnet.bundles"))) / name / "configs", folder / name / "configs")
        config = json.loads((folder / name / "configs" / "inference.json").read_text())
        (folder / name / "configs" / "inference.json").write_text(json.dumps({**config, "size": 64}))
        (folder / name / "models").mkdir()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            torch.save(network().state_dict(), folder / name / "models" / "model.pt")
    return {name: folder / name for name in NETWORKS}


@pytest.fixture
def write_png() -> Callable[..., Path]:
    def write(path: Path, seed: int = 0, shape: tuple[int, int] = (50, 70)) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
        Image.fromarray(noise).save(path)
        return path

    return write
