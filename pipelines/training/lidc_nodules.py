"""The ``lidc_nodules`` form: patches of nodules with every reader's outline and ratings."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from ...networks.packing import ATTRIBUTES, SCORES
from ...transforms.ras_from_lps import RAS_FROM_LPS
from ...transforms.targets import box_of
from ..ingest.input_path_error import InputPathError
from .nodule import F32

_MOST_READERS = 8
_HIGHEST = {"calcification": 6}
"""LIDC rates calcification 1 to 6, the other attributes 1 to 5."""


@dataclass(frozen=True, eq=False)
class LidcRecord:
    """One patch as stored: native voxels ``(k, j, i)``, spacing ``(x, y, z)`` mm, readers' bit mask, table row.

    ``affine_ras`` maps voxel (x, y, z) to RAS mm. A nodule that nobody outlined has ``readers`` all zero; its place
    stands in the row (``coordX, coordY, coordZ``, LPS mm) and its size, where known, in ``box_x_mm, box_y_mm,
    box_z_mm``. The column ``labels`` (words of ``outline box rating``), where there is one, says what may be learnt.
    ``others`` is not 0 in other nodules of the patch and in places that are neither nodule nor not.
    """

    key: str
    patient_id: str
    hu: npt.NDArray[np.int16]
    readers: npt.NDArray[np.uint8]
    spacing_mm: tuple[float, float, float]
    affine_ras: npt.NDArray[np.float64]
    row: Mapping[str, str]
    ratings: tuple[Mapping[str, str], ...]
    others: npt.NDArray[np.uint8] | None = None

    @property
    def complete(self) -> bool:
        """Say whether every nodule of the patch is known: the form's own are so unless the row says 0."""
        return self.row.get("complete", "1") != "0"

    @property
    def outlined(self) -> bool:
        """Say whether a reader outlined the nodule."""
        return self._may_learn("outline") and bool(self.readers.any())

    @property
    def votes(self) -> F32:
        """Share of the patch's readers who outlined each voxel; 1 where any did, if no voxel has half of them."""
        bits = [(self.readers >> q) & 1 for q in range(_MOST_READERS)]
        n_readers = max(1, sum(bool(b.any()) for b in bits))
        share = np.asarray(np.sum(bits, axis=0) / n_readers, dtype=np.float32)
        return share if (share >= 0.5).any() else (self.readers > 0).astype(np.float32)

    @cached_property
    def majority(self) -> npt.NDArray[np.bool_]:
        """Voxels that at least half of the readers outlined; any of them where no voxel has half."""
        return np.asarray(self.votes >= 0.5)

    @property
    def place(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64] | None]:
        """Middle and edges (k, j, i; voxels) of the nodule's box; edges None where only a point is known."""
        if self.outlined:
            return box_of(self.majority)
        lps = [float(self.row[name]) for name in ("coordX", "coordY", "coordZ")]
        i, j, k, _ = np.linalg.solve(self.affine_ras, RAS_FROM_LPS @ [*lps, 1.0])
        said = [self.row.get(name) for name in ("box_z_mm", "box_y_mm", "box_x_mm")]
        if not all(said) or not self._may_learn("box"):
            return np.array([k, j, i]), None
        return np.array([k, j, i]), np.array([float(v or 0) for v in said]) / np.array(self.spacing_mm[::-1])

    @property
    def scores(self) -> F32 | None:
        """Share of the readers who gave malignancy 1, 2, 3, 4, 5; None if nobody did."""
        given = [int(r["malignancy"]) for r in self.ratings if r["malignancy"]]
        if not given or not self._may_learn("rating"):
            return None
        return np.asarray(np.bincount(given, minlength=SCORES + 1)[1:] / len(given), dtype=np.float32)

    @property
    def attributes(self) -> F32 | None:
        """Mean rating of each of ``ATTRIBUTES``, scaled to [0, 1]; None unless all are rated."""
        given = [[float(r[name]) for r in self.ratings if r.get(name)] for name in ATTRIBUTES]
        if not all(given) or not self._may_learn("rating"):
            return None
        scaled = [(np.mean(v) - 1) / (_HIGHEST.get(n, SCORES) - 1) for n, v in zip(ATTRIBUTES, given, strict=True)]
        return np.array(scaled, dtype=np.float32)

    def _may_learn(self, what: str) -> bool:
        labels = self.row.get("labels")
        return labels is None or what in labels.split()


def read_lidc_nodules(folder: Path, subsets: Collection[int] | None) -> Iterator[LidcRecord]:
    """Yield the patches of ``folder`` whose LUNA16 subset is in ``subsets`` (None: all); subsets share no patient.

    Raises
    ------
    FileNotFoundError
        If ``folder`` does not hold ``nodules.csv``, ``ratings.csv`` and ``manifest.json``.
    InputPathError
        The manifest is no JSON, a column is missing, or a row names no patch that can be read; the message says where.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
    except ValueError as error:
        raise InputPathError("manifest.json is no JSON (half written?). Make the folder anew.") from error
    ratings: dict[str, list[Mapping[str, str]]] = {}
    for rating in _rows(folder / "ratings.csv", "key", "malignancy"):
        ratings.setdefault(rating["key"], []).append(rating)
    for n, row in enumerate(_rows(folder / "nodules.csv", "key", "patient_id", "file", "luna16_subset"), 1):
        try:
            if subsets is None or int(row["luna16_subset"]) in subsets:
                yield _record(folder, row, manifest[row["key"]], ratings.get(row["key"], ()))
        except (KeyError, OSError, TypeError, ValueError, BadZipFile) as error:
            raise InputPathError(
                f"nodules.csv, nodule {n}: its patch, its subset or its entry in manifest.json is missing or cannot be "
                f"read ({type(error).__name__}). Make the folder anew, or take the row out."
            ) from error


def _record(
    folder: Path, row: Mapping[str, str], said: Mapping[str, Any], rated: Sequence[Mapping[str, str]]
) -> LidcRecord:
    with np.load(folder / row["file"], allow_pickle=False) as patch:
        hu, readers, others = patch["hu"], patch["readers"], patch.get("others")
    x, y, z = said["spacing_xyz"]
    affine = np.asarray(said["affine_ras"], dtype=np.float64)
    return LidcRecord(row["key"], row["patient_id"], hu, readers, (x, y, z), affine, row, tuple(rated), others)


def _rows(path: Path, *columns: str) -> Iterator[Mapping[str, str]]:
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        if missing := [name for name in columns if name not in (reader.fieldnames or ())]:
            raise InputPathError(
                f"{path.name} has no column {', '.join(missing)}: it is no table of the lidc_nodules form. "
                "resmtnet data patches makes such a folder from your annotations."
            )
        yield from reader


def zoom(array: npt.NDArray[np.generic], factors: tuple[float, float, float]) -> F32:
    """Resample linearly by these factors, voxel faces kept in place."""
    zoomed = ndimage.zoom(array.astype(np.float32), factors, order=1, mode="nearest", grid_mode=True)
    return np.asarray(zoomed, dtype=np.float32)
