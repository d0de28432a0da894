"""The tables of a folder of patches."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...networks.packing import ATTRIBUTES
from ...transforms.grid import Grid
from ...transforms.ras_from_lps import RAS_FROM_LPS
from ..results.atomic_write import atomic_write
from ..results.plain_json import Plain, plain_json
from .data_list import NoduleLabel, ScanLabel
from .patient_fold import patient_fold

FOLDS = 8
"""Of patients whose list names none: 0 to 7, as train.yaml and evaluate.yaml divide them."""
_CHARACTERISTICS = ("internalStructure", *ATTRIBUTES)


@dataclass(frozen=True, eq=False)
class PatchRecord:
    """A patch that was cut: its scan, its nodule, and where it stands."""

    scan: ScanLabel
    nodule: NoduleLabel
    grid: Grid

    @property
    def key(self) -> str:
        """Name of the patch."""
        return f"{self.scan.case_id}_{self.nodule.nodule_id}"


def fold_of_scan(scan: ScanLabel) -> int:
    """Return the fold of a scan: as the list says, else by a hash of the patient."""
    return patient_fold(scan.patient_id, FOLDS) if scan.fold is None else scan.fold


def write_patch_tables(records: Sequence[PatchRecord], folder: Path) -> None:
    """Write ``manifest.json``, ``ratings.csv`` and, last, ``nodules.csv``, in the ``lidc_nodules`` form.

    Beyond that form, ``nodules.csv`` has ``labels``: which of ``outline box rating`` are known (the centre,
    ``coordX ... coordZ`` in LPS mm, always is); ``box_x_mm ... box_z_mm``, edges of the box around the centre,
    empty where only a point is known; ``complete``: 1 where the scan has no other nodule than those annotated. What a
    reader did not rate is empty in ``ratings.csv``.
    """
    places = {record.key: _place(record) for record in records}
    atomic_write(folder / "manifest.json", plain_json(places))
    ratings = [row for record in records for row in _ratings(record)]
    atomic_write(folder / "ratings.csv", _csv(("key", "reader", *_CHARACTERISTICS, "malignancy"), ratings))
    atomic_write(folder / "nodules.csv", _csv(_NODULE_COLUMNS, [_nodule(record) for record in records]))


_NODULE_COLUMNS = (
    "key", "patient_id", "case_id", "luna16_subset", "file", "coordX", "coordY", "coordZ", "diameter_mm", "labels",
    "box_x_mm", "box_y_mm", "box_z_mm", "complete", "malignancy_mode", "malignancy_mean", "malignancy_n", "n_readers",
)  # fmt: skip


def _nodule(record: PatchRecord) -> Mapping[str, object]:
    scan, nodule = record.scan, record.nodule
    given = [rating.malignancy for rating in nodule.ratings if rating.malignancy is not None]
    known = (("outline", nodule.mask), ("box", nodule.size_mm), ("rating", nodule.ratings))
    return {
        "key": record.key,
        "patient_id": scan.patient_id,
        "case_id": scan.case_id,
        "luna16_subset": fold_of_scan(scan),
        "file": f"patches/{record.key}.npz",
        **dict(zip(("coordX", "coordY", "coordZ"), nodule.centre_lps_mm, strict=True)),
        "diameter_mm": nodule.diameter_mm,
        "labels": " ".join(name for name, value in known if value),
        **dict(zip(("box_x_mm", "box_y_mm", "box_z_mm"), nodule.size_mm or (None,) * 3, strict=True)),
        "complete": int(scan.complete),
        # ties go to the lowest, as in the shared form
        "malignancy_mode": int(np.bincount(given).argmax()) if given else None,
        "malignancy_mean": float(np.mean(given)) if given else None,
        "malignancy_n": len(given),
        "n_readers": len({rating.reader for rating in nodule.ratings}),
    }


def _ratings(record: PatchRecord) -> list[Mapping[str, object]]:
    return [
        {
            "key": record.key,
            "reader": rating.reader if rating.reader.isdecimal() else number,
            "malignancy": rating.malignancy,
            **{name: rating.attributes.get(name) for name in _CHARACTERISTICS},
        }
        for number, rating in enumerate(record.nodule.ratings)
    ]


def _place(record: PatchRecord) -> Mapping[str, Plain]:
    return {
        "spacing_xyz": list(record.grid.spacing_mm),
        "affine_ras": (RAS_FROM_LPS @ record.grid.affine_lps + 0.0).tolist(),
        "n_slices": record.grid.shape_kji[0],
        "case_id": record.scan.case_id,
        "patient_id": record.scan.patient_id,
    }


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
