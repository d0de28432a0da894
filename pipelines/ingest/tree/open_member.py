"""Paths that run through a zip file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ..ingest_error import IngestError
from .member_stream import MemberStream
from .open_descriptor import open_descriptor
from .zip_directory import data_offset
from .zip_members import zip_members


def open_member(path: Path) -> MemberStream | None:
    """Open a path that runs through a zip file; None where it does not.

    Raises
    ------
    IngestError
        ``E_FILE_CHANGED`` where the archive is not the one that was listed, or has no such member (any more);
        ``E_UNREADABLE`` where it is damaged.
    OSError
        The archive cannot be opened.
    """
    archive = _archive_of(path)
    if archive is None:
        return None
    descriptor = open_descriptor(archive)
    try:
        entry = zip_members(archive, descriptor).by_name.get(path.relative_to(archive).as_posix())
        if entry is None:
            raise IngestError("E_FILE_CHANGED", "(no such member in the zip archive)", "failed")
        return MemberStream(archive, descriptor, entry, data_offset(descriptor, entry))
    except BaseException as error:
        os.close(descriptor)
        if isinstance(error, IngestError) and error.status == "skipped":
            raise IngestError("E_UNREADABLE", "(damaged zip archive)", "failed") from None
        raise


def _archive_of(path: Path) -> Path | None:
    for ancestor in reversed(path.parents):
        if ancestor.suffix.lower() == ".zip" and stat.S_ISREG(ancestor.lstat().st_mode):
            return ancestor
    return None
