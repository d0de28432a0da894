"""Judged images by formula, and small folders of the ``labelled_images`` form."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PIL import Image

from resmtnet.pipelines.evaluation.images.image_outcome import ImageOutcome
from resmtnet.pipelines.evaluation.images.judged_images import JudgedImages

CLASSES = ("normal", "benign", "malignant")


def simulate_images(n: int, *, seed: int = 0) -> JudgedImages:
    """``n`` images of ``n / 3`` groups, a little better than chance; lesions are 1 to 40 percent of them."""
    rng = np.random.default_rng(seed)
    return JudgedImages(CLASSES, "malignant", "normal", tuple(_outcome(rng, i, max(1, n // 3)) for i in range(n)))


def _outcome(rng: np.random.Generator, index: int, n_groups: int) -> ImageOutcome:
    label = int(rng.choice(3, p=[0.2, 0.5, 0.3]))
    logits = rng.normal(0, 1, 3) + 1.5 * (np.arange(3) == label)
    shares = np.exp(logits) / np.exp(logits).sum()
    missed = bool(rng.random() < 0.1)
    return ImageOutcome(
        file=f"{CLASSES[label]}/{index:04d}.png",
        group=f"g{index % n_groups}",
        label=label,
        probabilities=tuple(float(p) for p in shares),
        dice=None if label == 0 else 0.0 if missed else float(rng.uniform(0.4, 1)),
        missed=None if label == 0 else missed,
        predicted_area=float(rng.uniform(0.01, 0.4)) if label or rng.random() < 0.25 else 0.0,
        true_area=float(np.exp(rng.uniform(np.log(0.01), np.log(0.4)))) if label else 0.0,
    )


@pytest.fixture(scope="package")
def simulated_images() -> JudgedImages:
    return simulate_images(240)


@pytest.fixture
def image_folder(tmp_path):
    """Twelve images of 60 x 40 pixels, two of each of six groups; lesions are a bright disc with a mask."""
    folder = tmp_path / "labelled"
    folder.mkdir()
    y, x = np.mgrid[:40, :60]
    disc = (y - 20) ** 2 + (x - 20) ** 2 <= 100
    rows = []
    for n in range(12):
        label = CLASSES[(n // 2) % 3]
        grey = np.full((40, 60), 60 + n, np.uint8)
        if label != "normal":
            grey[disc] = 200
            Image.fromarray(disc.astype(np.uint8) * 255).save(folder / f"{n}_mask.png")
        Image.fromarray(grey).save(folder / f"{n}.png")
        rows.append({"file": f"{n}.png", "label": label, "group": f"g{n // 2}"})
    with (folder / "images.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder
