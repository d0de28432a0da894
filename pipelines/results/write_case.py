"""Write the folder of one case, whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from ..records import CaseResult, Status, Volume
from .atomic_write import locked, sync_folder, unfinished_beside
from .case_files import CaseFile, case_files
from .output_not_writable import writing
from .replace_folder import replace_folder

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_READ = ("ok", "warned")
_NEEDED = ("json", "nifti")
"""What a case is nothing without; what else cannot be made is left out with a warning, and the findings stay."""


class Written(Protocol):
    """What is asked of the result of a case of any kind."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def case_id(self) -> str:
        """Its name."""

    @property
    def status(self) -> Status:
        """How it ended."""

    @property
    def codes(self) -> tuple[str, ...]:
        """What was remarked."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Particulars of that."""


Result = TypeVar("Result", bound=Written)
Source = TypeVar("Source")
Result_contra = TypeVar("Result_contra", bound=Written, contravariant=True)
Source_contra = TypeVar("Source_contra", contravariant=True)


class FileOf(Protocol[Result_contra, Source_contra]):
    """A file of the registry of a kind of cases."""

    @property
    def output(self) -> str:
        """The word that asks for it."""

    @property
    def name(self) -> str:
        """Its name in the folder of the case."""

    @property
    def encode(self) -> Callable[[Result_contra, Source_contra | None], bytes | Mapping[str, bytes] | None]:
        """From the case to its bytes."""


def write_case(
    output: Path, result: CaseResult, volume: Volume | None, *, files: Sequence[CaseFile] | None = None
) -> Path:
    """Write ``output/cases/<case_id>`` of a scan and return it; see :func:`write_folder`.

    ``files`` are those of ``result.outputs`` unless given. What cannot be made is forgiven but for ``case.json`` and
    ``nodules.nii.gz``.
    """
    return write_folder(
        output, result, volume, files=case_files(result.outputs) if files is None else files, needed=_NEEDED
    )


def write_folder(
    output: Path,
    result: Result,
    volume: Source | None,
    *,
    files: Sequence[FileOf[Result, Source]],
    needed: Sequence[str],
) -> Path:
    """Write ``output/cases/<case_id>`` of a case of any kind and return it.

    Everything goes into a folder beside it that takes its name when complete; an earlier folder of the case is
    replaced. A case that was not read (rejected, failed) has no volume and gets ``case.json`` only. Where a file
    cannot be made whose word is not ``needed``, the case is written without it and warned (``W_FILE_NOT_MADE``).

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
                _fill(temporary, result, volume, files, needed)
                replace_folder(temporary, final)
        finally:
            os.close(descriptor)
            shutil.rmtree(temporary, ignore_errors=True)
    return final


def _fill(
    folder: Path, result: Result, volume: Source | None, files: Sequence[FileOf[Result, Source]], needed: Sequence[str]
) -> None:
    for file in files:
        try:
            data = file.encode(result, volume)
        except MemoryError:
            raise
        except Exception as error:
            if file.output in needed:
                raise
            result, data = _without(result, file.name, error), None
        if isinstance(data, bytes):
            _write(folder / file.name, data)
        elif data is not None:
            for name, part in data.items():
                _write(folder / file.name / name, part)
    for inner in (path for path in folder.rglob("*") if path.is_dir()):
        sync_folder(inner)
    sync_folder(folder)


def _without(result: Result, name: str, error: Exception) -> Result:
    """Note that a file could not be made; the text of the error may identify and stays out."""
    return replace(
        result,
        status="warned" if result.status == "ok" else result.status,
        codes=tuple(dict.fromkeys((*result.codes, "W_FILE_NOT_MADE"))),
        notes=(*result.notes, f"W_FILE_NOT_MADE ({name}: {type(error).__name__})"),
    )


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
