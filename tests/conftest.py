"""Fixtures that every test may use."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of the real data (RESMTNET_DATA, or ``shared/data`` beside the repository), or skip."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("RESMTNET_DATA", beside))
    if not folder.is_dir():
        pytest.skip("real data not here (set RESMTNET_DATA)")
    return folder


RADIUS_MM = 5.0


def write_lidc_folder(folder: Path, n_patients: int = 4) -> Path:
    """A folder of the ``lidc_nodules`` form: one ball of 5 mm radius per patient, seen alike by two of three readers.

    The third reader's outline is one slice column only. Spacing 0.8 x 0.8 x 2 mm; even patients are rated 1, odd 5.
    """
    (folder / "patches").mkdir(parents=True)
    spacing = (0.8, 0.8, 2.0)
    k, j, i = np.mgrid[-2:3, -48:48, -48:48]
    ball = (k * 2.0) ** 2 + (j * 0.8) ** 2 + (i * 0.8) ** 2 <= RADIUS_MM**2
    rng = np.random.default_rng(0)
    nodules, ratings, manifest = [], [], {}
    for n in range(n_patients):
        key = f"P{n}_1"
        hu = np.where(ball, 30, -850) + rng.normal(0, 5, ball.shape)
        readers = np.where(ball, 3, 0).astype(np.uint8)
        readers[:, 48, 48] |= 4
        np.savez(folder / "patches" / f"{key}.npz", hu=hu.astype(np.int16), readers=readers, consensus=readers > 0)
        affine_ras = np.diag([-spacing[0], -spacing[1], spacing[2], 1.0])
        affine_ras[:3, 3] = (48 * spacing[0], 48 * spacing[1], -2 * spacing[2])  # the ball's middle is the origin
        manifest[key] = {"spacing_xyz": spacing, "affine_ras": affine_ras.tolist()}
        score = 5 if n % 2 else 1
        nodules.append(
            {"key": key, "patient_id": f"P{n}", "file": f"patches/{key}.npz", "luna16_subset": n % 2}
            | {"malignancy_mode": score, "diameter_mm": 2 * RADIUS_MM, "coordX": 0.0, "coordY": 0.0, "coordZ": 0.0}
        )
        names = ["subtlety", "calcification", "sphericity", "margin", "lobulation", "spiculation", "texture"]
        ratings += [{"key": key, "reader": r, "malignancy": score} | dict.fromkeys(names, 3) for r in range(3)]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    for name, rows in (("nodules.csv", nodules), ("ratings.csv", ratings)):
        with (folder / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


@pytest.fixture(scope="session")
def lidc_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lidc_folder(tmp_path_factory.mktemp("lidc") / "lidc_nodules")
