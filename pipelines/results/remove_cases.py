"""Remove the folders of cases."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .atomic_write import unfinished_beside
from .output_not_writable import writing
from .sweep_unfinished import sweep_unfinished


def remove_cases(output: Path, case_ids: Iterable[str]) -> None:
    """Remove the folders of these cases; one without ``case.json`` is not ours and stays.

    Each takes an unfinished name first: killed at any moment, a case is there whole or is swept by the next run.

    Raises
    ------
    OutputNotWritable
        A folder cannot be renamed.
    """
    with writing(output):
        for case_id in case_ids:
            folder = output / "cases" / case_id
            if (folder / "case.json").is_file():
                folder.rename(unfinished_beside(folder))
        sweep_unfinished(output)
