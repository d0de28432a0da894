"""Write the files of the whole run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from ..records import Origin
from .atomic_write import atomic_write
from .case_record import CaseRecord
from .links_csv import remove_links, write_links
from .output_not_writable import writing
from .run_files import RUN_FILES, RunFile
from .run_info import RunInfo
from .run_names import RUN_NAMES

Record = TypeVar("Record")
Record_contra = TypeVar("Record_contra", contravariant=True)


class RunFileOf(Protocol[Record_contra]):
    """A file of the registry of a kind of runs."""

    @property
    def output(self) -> str:
        """The word that asks for it."""

    @property
    def name(self) -> str:
        """Its name at the top of the output folder."""

    @property
    def encode(self) -> Callable[[Sequence[Record_contra], RunInfo], bytes]:
        """From the cases of the run to its bytes."""


def write_run(
    output: Path,
    run: RunInfo,
    cases: Sequence[CaseRecord],
    *,
    links: Mapping[str, Origin] | None,
    files: Sequence[RunFile] = RUN_FILES,
) -> None:
    """Write those of ``findings.csv``, ``index.html`` and ``run.json`` that were asked for; see :func:`write_files`."""
    write_files(output, run, cases, links=links, files=files)


def write_files(
    output: Path,
    run: RunInfo,
    cases: Sequence[Record],
    *,
    links: Mapping[str, Origin] | None,
    files: Sequence[RunFileOf[Record]],
) -> None:
    """Write those of the files of a run of any kind that were asked for, and the private links.

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
        for name in RUN_NAMES - {file.name for file in files}:  # of a run of another kind
            (output / name).unlink(missing_ok=True)
        for file in files:
            if file.output in run.outputs:
                atomic_write(output / file.name, file.encode(cases, run))
            else:  # one of an earlier run would tell of that
                (output / file.name).unlink(missing_ok=True)
        if links is None:
            remove_links(output)
        else:
            write_links(output, links)
