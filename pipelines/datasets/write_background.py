"""The lungs of a completely annotated scan, to put nodules into."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...transforms.lung_region import lung_box
from ...transforms.lungs import find_lungs
from ..results.atomic_write import atomic_write
from ..results.nifti_bytes import nifti_bytes
from .cut_patch import lay
from .data_list import ScanLabel
from .labelled_volume import LabelledVolume, ellipsoid, majority, nodule_voxels
from .nodule_mask import NoduleMask
from .patch_tables import fold_of_scan

TABLE = "backgrounds.csv"


@dataclass(frozen=True)
class BackgroundRecord:
    """A background that was written, and of whom it is: patients of one fold must not train for another."""

    scan: ScanLabel


def write_background(volume: LabelledVolume, folder: Path) -> BackgroundRecord | None:
    """Write the lung box of a scan as ``NAME_lungs.nii.gz`` (HU, native voxels); NAME is its case id.

    ``NAME_tumour.nii.gz`` holds the outlined nodules (majority of their readers), ``NAME_unknown.nii.gz`` what is there
    without an outline: nodules with a box or point only, and excluded places. Neither is written where it is empty.
    Returns None where no lungs are found.
    """
    lungs = find_lungs(volume.hu, volume.grid)
    if not lungs.found:
        return None
    start, stop = lung_box(lungs, volume.grid)
    k, j, i = (b - a for a, b in zip(start, stop, strict=True))
    part = volume.grid.crop(start, (k, j, i))
    block = tuple(slice(a, b) for a, b in zip(start, stop, strict=True))
    folder.mkdir(parents=True, exist_ok=True)
    masks = {"tumour": _outlined(volume, start, (k, j, i)), "unknown": _unknown(volume, start, (k, j, i))}
    for name, mask in masks.items():
        if mask.any():
            path = folder / f"{volume.scan.case_id}_{name}.nii.gz"
            atomic_write(path, nifti_bytes(mask.astype(np.uint8), part.affine_lps))
    hu = np.ascontiguousarray(volume.hu[block])
    # last: without it, nothing of the scan is read
    atomic_write(folder / f"{volume.scan.case_id}_lungs.nii.gz", nifti_bytes(hu, part.affine_lps))
    return BackgroundRecord(volume.scan)


def write_backgrounds_table(records: Sequence[BackgroundRecord], folder: Path) -> None:
    """Write ``backgrounds.csv``: name, patient and fold of each."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("name", "patient_id", "luna16_subset"))
    writer.writerows((r.scan.case_id, r.scan.patient_id, fold_of_scan(r.scan)) for r in records)
    atomic_write(folder / TABLE, text.getvalue().encode())


def _outlined(
    volume: LabelledVolume, start: tuple[int, int, int], shape: tuple[int, int, int]
) -> npt.NDArray[np.bool_]:
    masks = [NoduleMask(m.start_kji, majority(m).astype(np.uint8)) for m in volume.masks.values()]
    return _union(masks, start, shape)


def _unknown(volume: LabelledVolume, start: tuple[int, int, int], shape: tuple[int, int, int]) -> npt.NDArray[np.bool_]:
    bare = [nodule_voxels(volume, n) for n in volume.scan.nodules if n.nodule_id not in volume.masks]
    places = [ellipsoid(volume.grid, e.centre_lps_mm, (e.diameter_mm,) * 3) for e in volume.scan.excluded]
    return _union([*bare, *places], start, shape)


def _union(
    masks: Sequence[NoduleMask], start: tuple[int, int, int], shape: tuple[int, int, int]
) -> npt.NDArray[np.bool_]:
    union = np.zeros(shape, bool)
    for mask in masks:
        union |= lay(mask, start, shape)
    return union
