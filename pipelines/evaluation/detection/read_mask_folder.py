"""Detections from a folder of masks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .make_detection import make_detection
from .mask_objects import mask_objects
from .predictions import Fault, Predictions, join_predictions
from .scan_name import scan_name


def read_mask_folder(folder: Path, maps: Path | None = None) -> Predictions:
    """Read ``<scan>.nii`` or ``.nii.gz``: every connected part of a label is a detection.

    Parameters
    ----------
    folder : of the masks.
    maps : folder of probability maps with the same file names; a detection has the largest value of its part. Without
        it, all have probability 1 (and the curve is one point).
    """
    return join_predictions(_read(path, maps, f"file {n}") for n, path in enumerate(mask_files(folder), 1))


def mask_files(folder: Path) -> Sequence[Path]:
    """Return the NIfTI files of a folder, sorted by name."""
    return sorted(path for path in folder.glob("[!.]*.nii*") if path.name.endswith((".nii", ".nii.gz")))


def _read(path: Path, maps: Path | None, where: str) -> Predictions:
    beside = None if maps is None else maps / path.name
    if beside is not None and not beside.is_file():
        return Predictions((), (Fault(where, "it has no probability map of the same name"),))
    try:
        found = mask_objects(path, beside)
        name = scan_name(path.name)
        return Predictions(tuple(make_detection(name, o.centre_lps_mm, o.size_mm, o.value) for o in found))
    except ValueError as error:
        return Predictions((), (Fault(where, str(error)),))
