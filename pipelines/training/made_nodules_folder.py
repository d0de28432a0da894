"""A folder of the ``lidc_nodules`` form whose nodules are made by formula."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from ...networks.packing import ATTRIBUTES
from .made_nodule import made_nodule
from .nodule import F32, Nodule

_SPACING_MM = (0.7, 0.7, 2.0)
_EDGE = 96
"""Pixels a side of a patch: 67 mm."""
_LARGEST_MM = 61
_LUNG_HU, _NOISE_HU = -860.0, 25.0
_READERS = (0.35, 0.45, 0.55, 0.65)
"""What each reader takes for the edge: share of a voxel that is nodule."""
_MALIGNANT_MM = 10.0
"""Nodules of this diameter are rated 3; twice that 5, half of that 1. Made up, so that there is something to learn."""


def write_made_nodules(folder: Path, n_nodules: int, *, seed: int = 0) -> None:
    """Write nodules in noise, one per patient, in turn of subset 0 and subset 1; rated by their size alone.

    For trying a training out; nothing trained on it is of use.
    """
    (folder / "patches").mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    rows, ratings, manifest = [], [], {}
    for n in range(n_nodules):
        key = f"made_{n}"
        hu, votes = _patch(_small(rng), rng)
        readers = sum((votes >= share).astype(np.uint8) << q for q, share in enumerate(_READERS))
        np.savez_compressed(folder / "patches" / f"{key}.npz", hu=hu, readers=readers)
        diameter = float(2 * np.sqrt((votes >= 0.5).sum(axis=(1, 2)).max() * _SPACING_MM[0] * _SPACING_MM[1] / np.pi))
        given = np.clip(np.rint(3 + 2 * np.log2(diameter / _MALIGNANT_MM) + rng.normal(0, 0.4, 4)), 1, 5).astype(int)
        manifest[key] = {
            "spacing_xyz": _SPACING_MM,
            "affine_ras": np.diag([-_SPACING_MM[0], -_SPACING_MM[1], _SPACING_MM[2], 1.0]).tolist(),
        }
        rows.append(_row(key, n, diameter, given, hu.shape))
        ratings += [{"key": key, "reader": q, "malignancy": s, **_other_ratings(rng)} for q, s in enumerate(given)]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    _write_table(folder / "nodules.csv", rows)
    _write_table(folder / "ratings.csv", ratings)


def _small(rng: np.random.Generator) -> Nodule:
    while True:
        nodule = made_nodule(rng)
        if max(nodule.hu.shape) <= _LARGEST_MM:
            return nodule


def _patch(nodule: Nodule, rng: np.random.Generator) -> tuple[np.ndarray[Any, np.dtype[np.int16]], F32]:
    """Lay a nodule into noise, on native voxels; the slices end with the nodule, as those of the real form do."""
    factors = tuple(1 / s for s in reversed(_SPACING_MM))
    hu, votes = (ndimage.zoom(a, factors, order=1, mode="nearest", grid_mode=True) for a in (nodule.hu, nodule.votes))
    inside = np.flatnonzero((votes >= _READERS[0]).any(axis=(1, 2)))
    keep = slice(int(inside[0]), int(inside[-1]) + 1)
    pad = [(0, 0)] + [((_EDGE - size) // 2, _EDGE - size - (_EDGE - size) // 2) for size in votes.shape[1:]]
    votes, hu = np.pad(votes[keep], pad), np.pad(hu[keep], pad)
    noise = ndimage.gaussian_filter(rng.standard_normal(votes.shape), (0, 0.7, 0.7)) * 2 * _NOISE_HU
    mixed = _LUNG_HU + votes * (hu - _LUNG_HU) + noise
    return np.rint(mixed).astype(np.int16), np.asarray(votes, np.float32)


def _row(key: str, n: int, diameter_mm: float, given: Sequence[int], shape: Sequence[int]) -> dict[str, object]:
    x, y, z = (s * (size - 1) / 2 for s, size in zip(_SPACING_MM, reversed(shape), strict=True))
    counts = np.bincount(given, minlength=6)
    return {
        "key": key,
        "patient_id": key,
        "coordX": x,
        "coordY": y,
        "coordZ": z,
        "diameter_mm": diameter_mm,
        "malignancy_mode": float(counts.argmax()),
        "texture": 5.0,
        "n_readers": len(given),
        "dx": _SPACING_MM[0],
        "dz": _SPACING_MM[2],
        "file": f"patches/{key}.npz",
        "luna16_subset": n % 2,
        "malignancy_mean": float(np.mean(given)),
        "malignancy_n": len(given),
    }


def _other_ratings(rng: np.random.Generator) -> Mapping[str, int]:
    return {name: int(rng.integers(1, 6)) for name in ATTRIBUTES}


def _write_table(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
