"""The truth from whatever form it comes in."""

from __future__ import annotations

from pathlib import Path

from ...datasets.data_list_error import DataListError
from ...ingest.input_path_error import InputPathError
from .read_luna16_truth import read_luna16_truth, read_scan_list
from .read_mask_folder import mask_files
from .scoring_error import ScoringError
from .true_scan import TrueScan
from .truth_of_data_list import truth_of_data_list
from .truth_of_masks import truth_of_masks


def read_truth(path: Path, *, excluded: Path | None = None, scans: Path | None = None) -> tuple[TrueScan, ...]:
    """Read annotations in LUNA16's form, a data list, or a folder of masks.

    Parameters
    ----------
    path : CSV; ``data_list.json`` or its folder; or a folder of NIfTI masks named after their scans (an empty mask is a
        scan without nodules).
    excluded : LUNA16's ``annotations_excluded.csv``.
    scans : the scans that count, one per line: those without nodules are said here. Without it, all that the truth
        names.

    Raises
    ------
    InputPathError
        A file cannot be read.
    ScoringError
        The truth is faulty: it is refused as a whole, for a nodule left out would change every figure.
    """
    if not path.exists():
        raise InputPathError(f"cannot read {path}: it does not exist.")
    if path.is_file() and path.suffix.lower() != ".json":
        return read_luna16_truth(path, excluded=excluded, scans=scans)
    if excluded is not None:
        raise ScoringError("Excluded findings go with annotations in LUNA16's form only.")
    return _chosen(truth_of_masks(path) if path.is_dir() and mask_files(path) else _from_list(path), scans)


def _from_list(path: Path) -> tuple[TrueScan, ...]:
    from ...datasets.read_data_list import read_data_list

    try:
        return truth_of_data_list(read_data_list(path))
    except DataListError as error:
        raise ScoringError(str(error)) from error


def _chosen(truth: tuple[TrueScan, ...], scans: Path | None) -> tuple[TrueScan, ...]:
    """Keep the scans of a list; one that the truth does not name is refused: it may hold nodules."""
    if scans is None:
        return truth
    by_name = {scan.case: scan for scan in truth}
    wanted = read_scan_list(scans)
    if unknown := [name for name in wanted if name not in by_name]:
        raise ScoringError(f"{len(unknown)} of {len(wanted)} scans of the scan list are not in the truth.")
    return tuple(by_name[name] for name in wanted)
