"""Write the folder of one case, whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from ..records import CaseResult, Volume
from .atomic_write import locked, sync_folder, unfinished_beside
from .case_files import CASE_FILES, CaseFile
from .output_not_writable import writing

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_READ = ("ok", "warned")


def write_case(
    output: Path, result: CaseResult, volume: Volume | None, *, files: Sequence[CaseFile] = CASE_FILES
) -> Path:
    """Write ``output/cases/<case_id>`` and return it.

    Everything goes into a folder beside it that takes its name when complete; an earlier folder of the case is
    replaced. A case that was not read (rejected, failed) has no volume and gets ``case.json`` only.

    Raises
    ------
    ValueError
        A case id that is no safe file name, a case that was read without its volume, or numbers not finite.
    OutputNotWritable
        The disk is full or may not be written.
    """
    if not _SAFE_NAME.fullmatch(result.case_id):
        raise ValueError("case_id must be made of letters, digits, '_', '-' and '.'")
    if volume is None and result.status in _READ:
        raise ValueError(f"a case of status {result.status} needs its volume")
    final = output / "cases" / result.case_id
    with writing(output):
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary = unfinished_beside(final)
        temporary.mkdir()
        descriptor = os.open(temporary, os.O_RDONLY)
        try:
            with locked(descriptor):
                _fill(temporary, result, volume, files)
                _replace(temporary, final)
        finally:
            os.close(descriptor)
            shutil.rmtree(temporary, ignore_errors=True)
    return final


def _fill(folder: Path, result: CaseResult, volume: Volume | None, files: Sequence[CaseFile]) -> None:
    for file in files:
        data = file.encode(result, volume)
        if data is None:
            continue
        with (folder / file.name).open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    sync_folder(folder)


def _replace(temporary: Path, final: Path) -> None:
    """Give ``temporary`` its final name; killed in between, the case counts as not done and is done again."""
    old = unfinished_beside(final)
    if final.exists():
        final.rename(old)
    temporary.rename(final)
    sync_folder(final.parent)
    shutil.rmtree(old, ignore_errors=True)
