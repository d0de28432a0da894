"""A case folder of another folder of results."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ..ingest.input_path_error import InputPathError
from ..results.atomic_write import locked, sync_folder, unfinished_beside
from ..results.output_not_writable import writing
from ..results.replace_folder import replace_folder


def take_case(source: Path, output: Path, case_id: str) -> None:
    """Copy ``source/cases/<case_id>`` to ``output``, whole or not at all; one that is there and the same stays.

    Raises
    ------
    OutputNotWritable
        The disk is full or may not be written.
    InputPathError
        Files of the case cannot be read.
    """
    folder, final = source / "cases" / case_id, output / "cases" / case_id
    record = (folder / "case.json").read_bytes()
    if (final / "case.json").is_file() and (final / "case.json").read_bytes() == record:
        return
    with writing(output):
        temporary = unfinished_beside(final)
        temporary.mkdir()
        descriptor = os.open(temporary, os.O_RDONLY)
        try:
            with locked(descriptor):
                _copy(folder, temporary)
                _sync(temporary)
                replace_folder(temporary, final)
        finally:
            os.close(descriptor)
            shutil.rmtree(temporary, ignore_errors=True)


def _copy(folder: Path, to: Path) -> None:
    try:
        shutil.copytree(folder, to, dirs_exist_ok=True)
    except shutil.Error:
        raise InputPathError(f"The case {folder} cannot be copied whole. Check its files, and the room left.") from None


def _sync(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            sync_folder(path)
        else:
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
