"""A folder of training or evaluation data, looked at before any work."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

_LIDC, _IMAGES = "lidc_nodules", "labelled_images"
_FILES = {_LIDC: ("nodules.csv", "ratings.csv", "manifest.json"), _IMAGES: ("images.csv",)}
_REMEDY = {
    _LIDC: "resmtnet data patches makes such a folder from your annotations.",
    _IMAGES: "Write a table of your images with the columns file, label and group (the patient).",
}


def check_dataset(folder: Path, subsets: Sequence[int] | None = None, *, form: str | None = None) -> None:
    """See that there is such a folder, and that it has nodules of these LUNA16 subsets (None: any).

    Parameters
    ----------
    form : ``lidc_nodules`` or ``labelled_images``, as ``dataset_form`` of the bundle's train.yaml says; of another
        form nothing but the folder is looked at. None: the one that the folder seems to be of.

    Raises
    ------
    InputPathError, UsageError
    """
    from ..ingest.input_path_error import InputPathError

    if form is None:
        form = _IMAGES if any((folder / name).is_file() for name in _FILES[_IMAGES]) else _LIDC
    if not folder.is_dir():
        raise InputPathError(f"cannot read {folder}: expected a folder of the {form} form, found none.")
    if missing := [name for name in _FILES.get(form, ()) if not (folder / name).is_file()]:
        raise InputPathError(
            f"{folder} is no folder of the {form} form: {', '.join(missing)} not found there. {_REMEDY[form]}"
        )
    if subsets is not None and form == _LIDC:
        _check_subsets(folder, subsets)


def _check_subsets(folder: Path, subsets: Sequence[int]) -> None:
    from ..inference.usage_error import UsageError

    with (folder / "nodules.csv").open(newline="", encoding="utf-8", errors="replace") as file:
        there = {row.get("luna16_subset") or "" for row in csv.DictReader(file)}
    if unknown := sorted({str(subset) for subset in subsets} - there):
        raise UsageError(f"--subsets: no nodule of subset {', '.join(unknown)}; it has {', '.join(sorted(there))}.")
