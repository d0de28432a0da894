"""A small chest and a small network, for tests that go through the whole pipeline in seconds."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from resmtnet.networks import ResMTNet

SMALL = {"widths": [8, 8, 8, 8], "blocks": [1, 1, 1, 1], "width": 8, "fine_width": 8}


@dataclass(frozen=True, eq=False)
class SmallChest:
    """HU ``(k, j, i)`` of two lungs in a body, with one ball of 20 HU, radius 8 mm, at ``nodule_lps``."""

    hu: npt.NDArray[np.int16]
    affine_lps: npt.NDArray[np.float64]
    nodule_lps: tuple[float, float, float] = (55.0, 5.0, 10.0)


@pytest.fixture(scope="session")
def small_chest() -> SmallChest:
    """Voxels of 2.5 mm, so that every number of the affine is exact in float32 (NIfTI) too."""
    affine = np.diag([2.5, 2.5, 2.5, 1.0])
    affine[:3, 3] = (-120.0, -100.0, -60.0)
    k, j, i = np.ogrid[:48, :80, :96]
    x, y, z = i * 2.5 - 120.0, j * 2.5 - 100.0, k * 2.5 - 60.0
    hu = np.where((x / 115) ** 2 + (y / 92) ** 2 < 1, 30.0, -1000.0) + 0 * z
    for side in (-1, 1):
        hu[((x - side * 55) / 40) ** 2 + (y / 65) ** 2 + (z / 52) ** 2 < 1] = -850.0
    chest = SmallChest(np.empty(0, np.int16), affine)
    a, b, c = chest.nodule_lps
    hu[(x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2 <= 64] = 20.0
    return SmallChest(hu.astype(np.int16), affine)


@pytest.fixture(scope="session")
def small_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the shipped bundle's configs with a small network of random weights."""
    shipped = Path(str(files("resmtnet.bundles"))) / "lung_nodule_ct"
    bundle = tmp_path_factory.mktemp("bundles") / "small"
    shutil.copytree(shipped / "configs", bundle / "configs")
    config = json.loads((bundle / "configs" / "inference.json").read_text())
    config["network_def"] |= SMALL
    config |= {"min_diameter_mm": 0, "max_lung_distance_mm": None}  # random outlines are tiny, and anywhere
    (bundle / "configs" / "inference.json").write_text(json.dumps(config))
    (bundle / "models").mkdir()
    torch.save(_random_weights(seed=0), bundle / "models" / "model.pt")
    return bundle


def _random_weights(seed: int) -> dict[str, torch.Tensor]:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return ResMTNet(2, **SMALL).state_dict()
