"""A folder of the ``lidc_nodules`` form, looked at before any work."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

_FILES = ("nodules.csv", "ratings.csv", "manifest.json")


def check_dataset(folder: Path, subsets: Sequence[int] | None = None) -> None:
    """See that there is such a folder, and that it has nodules of these LUNA16 subsets (None: any).

    Raises
    ------
    InputPathError, UsageError
    """
    from ..inference.usage_error import UsageError
    from ..ingest.input_path_error import InputPathError

    if not folder.is_dir():
        raise InputPathError(f"cannot read {folder}: expected a folder of the lidc_nodules form, found none.")
    if missing := [name for name in _FILES if not (folder / name).is_file()]:
        raise InputPathError(
            f"{folder} is no folder of the lidc_nodules form: {', '.join(missing)} not found there. "
            "resmtnet data patches makes such a folder from your annotations."
        )
    if subsets is None:
        return
    with (folder / "nodules.csv").open(newline="", encoding="utf-8", errors="replace") as file:
        there = {row.get("luna16_subset") or "" for row in csv.DictReader(file)}
    if unknown := sorted({str(subset) for subset in subsets} - there):
        raise UsageError(f"--subsets: no nodule of subset {', '.join(unknown)}; it has {', '.join(sorted(there))}.")
