"""Write the files of the whole run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..records import Origin
from .atomic_write import atomic_write
from .case_record import CaseRecord
from .links_csv import remove_links, write_links
from .output_not_writable import writing
from .run_files import RUN_FILES, RunFile
from .run_info import RunInfo


def write_run(
    output: Path,
    run: RunInfo,
    cases: Sequence[CaseRecord],
    *,
    links: Mapping[str, Origin] | None,
    files: Sequence[RunFile] = RUN_FILES,
) -> None:
    """Write those of ``findings.csv``, ``index.html`` and ``run.json`` that were asked for, and the private links.

    Parameters
    ----------
    cases
        What the files list: the cases of this run's input as they stand on disk, whichever run did them.
    links
        Where each case comes from, by case id; None writes no links and removes those of an earlier run.

    Raises
    ------
    OutputNotWritable
        The disk is full or may not be written.
    """
    with writing(output):
        for file in files:
            if file.output in run.outputs:
                atomic_write(output / file.name, file.encode(cases, run))
            else:  # one of an earlier run would tell of that
                (output / file.name).unlink(missing_ok=True)
        if links is None:
            remove_links(output)
        else:
            write_links(output, links)
