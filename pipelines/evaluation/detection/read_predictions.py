"""Detections from whatever form they come in."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ...ingest.input_path_error import InputPathError
from .predictions import Predictions
from .read_detection_csv import read_detection_csv
from .read_detection_json import read_detection_json
from .read_infer_output import read_infer_output
from .read_mask_folder import mask_files, read_mask_folder
from .scoring_error import ScoringError


def read_predictions(path: Path, known: Collection[str], *, maps: Path | None = None) -> Predictions:
    """Read a table, JSON, the output folder of ``resmtnet infer``, or a folder of masks.

    Parameters
    ----------
    path : file or folder.
    known : scans of the truth, to recognise the cases of an output folder.
    maps : probability maps of a folder of masks.

    Raises
    ------
    InputPathError
        There is nothing, or it cannot be read.
    ScoringError
        It is of none of these forms, or no row of it can be used.
    """
    if not path.exists():
        raise InputPathError(f"cannot read {path}: it does not exist.")
    found = _read(path, known, maps)
    if found.faults and not found.detections:
        first = found.faults[0]
        raise ScoringError(f"No row of the predictions can be used. The first: {first.where}: {first.reason}.")
    return found


def _read(path: Path, known: Collection[str], maps: Path | None) -> Predictions:
    if path.is_file():
        return read_detection_json(path) if path.suffix.lower() == ".json" else read_detection_csv(path)
    if (path / "cases").is_dir():
        return read_infer_output(path, known)
    if mask_files(path):
        return read_mask_folder(path, maps)
    raise ScoringError("The folder of predictions holds neither results of resmtnet infer nor NIfTI masks.")
