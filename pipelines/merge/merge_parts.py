"""The results of all parts of a divided run in one folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..inference.exit_code import ExitCode, exit_code
from ..inference.open_output import open_output
from ..inference.usage_error import UsageError
from ..results.images.image_run_files import IMAGE_RUN_FILES
from ..results.remove_cases import remove_cases
from ..results.run_files import RUN_FILES
from ..results.run_info import RunInfo
from ..results.write_run import RunFileOf, write_files
from ..with_progress import with_progress
from .check_parts import check_parts
from .part import Part
from .read_part import read_part
from .take_case import take_case


def merge_parts(
    folders: Sequence[Path], output: Path, *, partial: bool = False, overwrite: bool = False, progress: bool = False
) -> ExitCode:
    """Copy the cases of all shards to ``output`` and write the files of the run, as an undivided run would have.

    Nothing in the parts is changed. Interrupted, the same call goes on where it stopped. What differs from an
    undivided run is what is said of the run itself: seconds of all parts are added up, devices are listed, and
    versions are those of the first part.

    Parameters
    ----------
    folders : the output folders of ``resmtnet infer --shard``.
    output : a new or empty folder, or that of an earlier merge of the same parts.
    partial : merge though shards are missing.
    overwrite : let what is in ``output`` of other scans go.
    progress : show a bar on stderr where that is a terminal.

    Raises
    ------
    InputPathError
        A part is no folder of results, or its run did not end.
    UsageError
        The parts do not belong together, or ``output`` is one of them or holds results of something else.
    OutputNotWritable
        ``output`` cannot be written.
    """
    parts = [read_part(folder) for folder in folders]
    check_parts(parts, partial=partial)
    if output.resolve() in [folder.resolve() for folder in folders]:
        raise UsageError("OUTPUT is one of the parts. Choose another folder.")
    open_output(output)
    cases = {case_id: part for part in parts for case_id in part.records}
    _clear(output, set(cases), overwrite=overwrite)
    for case_id, part in with_progress(sorted(cases.items()), "cases", shown=progress):
        take_case(part.folder, output, case_id)
    return _write_run(parts, output)


def _clear(output: Path, expected: set[str], *, overwrite: bool) -> None:
    others = {path.name for path in (output / "cases").glob("[!.]*")} - expected
    if others and not overwrite:
        raise UsageError(
            f"OUTPUT holds {len(others)} cases that are not of these parts. Choose a new folder, or say --overwrite."
        )
    remove_cases(output, sorted(others))


def _write_run(parts: Sequence[Part], output: Path) -> ExitCode:
    records = dict(sorted((case_id, record) for part in parts for case_id, record in part.records.items()))
    run = _joined([part.run for part in parts])
    code = exit_code((record.status for record in records.values()), complete=not run.skipped.get("I_OVER_LIMIT"))
    files: Sequence[RunFileOf[Any]] = IMAGE_RUN_FILES if parts[0].of_images else RUN_FILES
    links = {case_id: origin for part in parts for case_id, origin in (part.links or {}).items()}
    write_files(
        output,
        replace(run, exit_code=code),
        list(records.values()),
        links=links if any(part.links is not None for part in parts) else None,
        files=files,
    )
    return code


def _joined(runs: Sequence[RunInfo]) -> RunInfo:
    """Every part counted the files that are no cases, all of them: they are taken from one."""
    seconds: Counter[str] = Counter()
    for run in runs:
        seconds.update(run.timings_s)
    return replace(
        runs[0],
        shard="",
        all_cases_hash="",
        timings_s=dict(seconds),
        device=_words(run.device for run in runs),
        backend=_words(run.backend for run in runs),
        precision=_words(run.precision for run in runs),
    )


def _words(values: Iterable[str]) -> str:
    return ", ".join(sorted({word for value in values for word in value.split(", ") if word}))
