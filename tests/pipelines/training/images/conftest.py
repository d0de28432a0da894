"""A small folder of the labelled_images form, and the shipped image train.yaml on it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from monai.bundle import ConfigWorkflow
from PIL import Image

import resmtnet.bundles

BUNDLES = Path(resmtnet.bundles.__file__).parent
CLASSES = ["normal", "benign", "malignant"]
SHAPE = (40, 56)  # rows, columns


def write_rows(folder: Path, rows: list[dict[str, str]]) -> None:
    with (folder / "images.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def write_images(folder: Path, n: int = 12) -> list[dict[str, str]]:
    """Two images a patient; a disc for benign, a bright one for malignant, each with its mask; none for normal."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    y, x = np.ogrid[: SHAPE[0], : SHAPE[1]]
    rows = []
    for number in range(n):
        label = number // 2 % 3
        disc = ((y - 20) ** 2 + (x - 26 - number % 4) ** 2 < 81) & (label > 0)
        grey = rng.integers(20, 60, SHAPE) + disc * 80 * label
        Image.fromarray(grey.astype(np.uint8)).save(folder / f"{number}.png")
        if label:
            Image.fromarray(disc.astype(np.uint8) * 255).save(folder / f"{number}_mask.png")
        rows.append({"file": f"{number}.png", "label": CLASSES[label], "group": f"p{number // 2}", "other": "x"})
    write_rows(folder, rows)
    return rows


@pytest.fixture(scope="session", name="write_images")
def _write_images() -> Callable[..., list[dict[str, str]]]:
    return write_images


@pytest.fixture(scope="session")
def images_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    write_images(folder)
    return folder


@pytest.fixture
def faulty_dir(tmp_path: Path) -> Callable[..., Path]:
    """Write the folder with one row changed."""

    def write(row: int = 0, **values: str) -> Path:
        folder = tmp_path / "faulty"
        rows = write_images(folder)
        rows[row] = rows[row] | values
        write_rows(folder, rows)
        return folder

    return write


SMALL: dict[str, Any] = {
    "size": 64,
    "n_folds": 2,
    "batch_size": 2,
    "epoch_length": 3,
    "max_epochs": 4,
    "workers": 0,
    "precision": "float32",
    "device": "$torch.device('cpu')",
}


@pytest.fixture
def image_training(images_dir: Path) -> Callable[..., ConfigWorkflow]:
    """Build a bundle's train.yaml, with other configs over it, on the small folder."""
    torch.set_num_threads(1)

    def build(bundle: str, output: Path, *configs: str, **more: Any) -> ConfigWorkflow:
        folder = BUNDLES / bundle / "configs"
        built = ConfigWorkflow(
            config_file=[str(folder / name) for name in ("train.yaml", *configs)],
            logging_file=False,
            workflow_type="train",
            **{
                **SMALL,
                "bundle_root": str(folder.parent),
                "dataset_dir": str(images_dir),
                "output_dir": str(output),
                **more,
            },
        )
        built.initialize()
        return built

    return build
