"""Write the files of the whole run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..records import Origin
from .atomic_write import atomic_write
from .finished_cases import finished_cases
from .links_csv import write_links
from .output_not_writable import writing
from .run_files import RUN_FILES, RunFile
from .run_info import RunInfo


def write_run(
    output: Path, run: RunInfo, *, links: Mapping[str, Origin] | None, files: Sequence[RunFile] = RUN_FILES
) -> None:
    """Write ``findings.csv``, ``index.html`` and ``run.json`` from the cases on disk, and the private links.

    Parameters
    ----------
    links
        Where each case comes from, by case id; None writes no links (and leaves those of an earlier run).

    Raises
    ------
    OutputNotWritable
        The disk is full or may not be written.
    """
    cases = tuple(finished_cases(output).values())
    with writing(output):
        for file in files:
            atomic_write(output / file.name, file.encode(cases, run))
        if links is not None:
            write_links(output, links)
