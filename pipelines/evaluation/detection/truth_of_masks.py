"""The truth from a folder of masks."""

from __future__ import annotations

from pathlib import Path

from .mask_objects import mask_objects
from .read_mask_folder import mask_files
from .scan_name import scan_name
from .scoring_error import ScoringError
from .true_scan import Place, TrueScan


def truth_of_masks(folder: Path) -> tuple[TrueScan, ...]:
    """Take every connected part of a label as a nodule, its diameter being the longest edge of its box.

    Raises
    ------
    ScoringError
        A file cannot be read.
    """
    return tuple(_scan(path, n) for n, path in enumerate(mask_files(folder), 1))


def _scan(path: Path, n: int) -> TrueScan:
    try:
        found = mask_objects(path)
    except ValueError as error:
        raise ScoringError(f"Truth, file {n} of the sorted names: {error}.") from None
    return TrueScan(scan_name(path.name), tuple(Place(o.centre_lps_mm, max(o.size_mm), o.size_mm) for o in found))
