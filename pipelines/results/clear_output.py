"""Remove the results of earlier runs."""

from __future__ import annotations

from pathlib import Path

from .links_csv import remove_links
from .output_not_writable import writing
from .remove_cases import remove_cases
from .run_names import RUN_NAMES


def clear_output(output: Path) -> None:
    """Remove the files of the run, the links and every case in a folder that is ours; all else in it stays.

    The files of the run go first, so that none speaks of cases that are gone when the process is killed in between.

    Raises
    ------
    OutputNotWritable
        Something cannot be removed.
    """
    with writing(output):
        for name in sorted(RUN_NAMES):
            (output / name).unlink(missing_ok=True)
        remove_links(output)
        remove_cases(output, [path.name for path in sorted((output / "cases").glob("[!.]*"))])
