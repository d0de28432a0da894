"""The ``lidc_nodules`` form: patches of nodules with every reader's outline and ratings."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ...networks.packing import ATTRIBUTES, SCORES
from .nodule import F32, Nodule

SPACING_MM = 1.0
_MARGIN_MM = 8.0
"""Surroundings kept around the union of the outlines: the pasted rim is 3 mm, the rest is room to rotate."""
_PAD_SLICES = 3
"""Slices of extrapolated room beyond the slab, never pasted further than 1.5 mm from an outline."""
_MOST_READERS = 4
_HIGHEST = {"calcification": 6}
"""LIDC rates calcification 1 to 6, the other attributes 1 to 5."""


@dataclass(frozen=True, eq=False)
class LidcRecord:
    """One patch as stored: native voxels ``(k, j, i)``, spacing ``(x, y, z)`` mm, readers' bit mask, table row."""

    key: str
    patient_id: str
    hu: npt.NDArray[np.int16]
    readers: npt.NDArray[np.uint8]
    spacing_mm: tuple[float, float, float]
    row: Mapping[str, str]
    ratings: tuple[Mapping[str, str], ...]

    @property
    def votes(self) -> F32:
        """Share of the patch's readers who outlined each voxel."""
        bits = [(self.readers >> q) & 1 for q in range(_MOST_READERS)]
        n_readers = max(1, sum(bool(b.any()) for b in bits))
        return np.asarray(np.sum(bits, axis=0) / n_readers, dtype=np.float32)


def read_lidc_nodules(folder: Path, subsets: Collection[int] | None) -> Iterator[LidcRecord]:
    """Yield the patches of ``folder`` whose LUNA16 subset is in ``subsets`` (None: all); subsets share no patient.

    Raises
    ------
    FileNotFoundError
        If ``folder`` does not hold ``nodules.csv``, ``ratings.csv`` and ``manifest.json``.
    """
    manifest = json.loads((folder / "manifest.json").read_text())
    ratings: dict[str, list[Mapping[str, str]]] = {}
    for rating in _rows(folder / "ratings.csv"):
        ratings.setdefault(rating["key"], []).append(rating)
    for row in _rows(folder / "nodules.csv"):
        if subsets is not None and int(row["luna16_subset"]) not in subsets:
            continue
        with np.load(folder / row["file"], allow_pickle=False) as patch:
            hu, readers = patch["hu"], patch["readers"]
        x, y, z = manifest[row["key"]]["spacing_xyz"]
        rated = tuple(ratings.get(row["key"], ()))
        yield LidcRecord(row["key"], row["patient_id"], hu, readers, (x, y, z), row, rated)


def to_nodule(record: LidcRecord) -> Nodule:
    """Cut the nodule out of its patch, on a 1 mm grid, ready to be put into another lung."""
    votes, outlined = record.votes, record.readers > 0
    j, i = (np.flatnonzero(outlined.any(axis=axes)) for axes in ((0, 2), (0, 1)))
    x, y, z = record.spacing_mm
    rows = _around(j, y, outlined.shape[1])
    columns = _around(i, x, outlined.shape[2])
    factors = (z / SPACING_MM, y / SPACING_MM, x / SPACING_MM)
    pad = ((_PAD_SLICES, _PAD_SLICES), (0, 0), (0, 0))
    hu = np.pad(zoom(record.hu[:, rows, columns], factors), pad, mode="edge")
    soft = np.pad(zoom(votes[:, rows, columns], factors), pad)
    union = np.pad(zoom(outlined[:, rows, columns], factors) >= 0.5, pad)
    union |= soft >= 0.5
    inside = np.pad(np.ones(hu.shape[0] - 2 * _PAD_SLICES, bool), _PAD_SLICES)
    return Nodule(hu, soft, _opacity(union, inside), scores_of(record), attributes_of(record), record.key)


def _rows(path: Path) -> Iterator[Mapping[str, str]]:
    with path.open(newline="") as file:
        yield from csv.DictReader(file)


def _around(indices: npt.NDArray[np.intp], spacing_mm: float, length: int) -> slice:
    margin = round(_MARGIN_MM / spacing_mm)
    return slice(max(0, int(indices[0]) - margin), min(length, int(indices[-1]) + margin + 1))


def zoom(array: npt.NDArray[np.generic], factors: tuple[float, float, float]) -> F32:
    """Resample linearly by these factors, voxel faces kept in place."""
    zoomed = ndimage.zoom(array.astype(np.float32), factors, order=1, mode="nearest", grid_mode=True)
    return np.asarray(zoomed, dtype=np.float32)


def _opacity(union: npt.NDArray[np.bool_], inside: npt.NDArray[np.bool_]) -> F32:
    """1 to 1 mm around the outlines, 0 from 3 mm; beyond the slab's slices, where nothing was seen, 0 from 1.5 mm."""
    distance = ndimage.distance_transform_edt(~union).astype(np.float32)
    seen = np.clip((3.0 - distance) / 2.0, 0, 1)
    beyond = np.clip(1.0 - distance / 1.5, 0, 1)
    return np.asarray(np.where(inside[:, None, None], seen, beyond), dtype=np.float32)


def scores_of(record: LidcRecord) -> F32 | None:
    """Share of the readers who gave malignancy 1, 2, 3, 4, 5."""
    given = [int(r["malignancy"]) for r in record.ratings]
    if not given:
        return None
    return np.asarray(np.bincount(given, minlength=SCORES + 1)[1:] / len(given), dtype=np.float32)


def attributes_of(record: LidcRecord) -> F32 | None:
    """Mean rating of each of ``ATTRIBUTES``, scaled to [0, 1]."""
    if not record.ratings:
        return None
    means = [np.mean([float(r[name]) for r in record.ratings]) for name in ATTRIBUTES]
    scaled = [(m - 1) / (_HIGHEST.get(name, SCORES) - 1) for name, m in zip(ATTRIBUTES, means, strict=True)]
    return np.array(scaled, dtype=np.float32)
