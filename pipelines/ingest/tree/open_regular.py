"""Opening a file that somebody else may be changing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, cast

from ..ingest_error import IngestError
from .file_stamp import FileStamp, file_stamp
from .member_stream import MemberStream
from .open_descriptor import open_descriptor
from .open_member import open_member


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading, never a link, and never waiting on a pipe.

    A path that runs through a zip file names a member of it.

    Raises
    ------
    IngestError
        ``E_UNREADABLE`` where the file is gone, forbidden or no regular file; for a member see :func:`open_member`.
    """
    try:
        return os.fdopen(open_descriptor(path), "rb")
    except NotADirectoryError as error:
        fault: OSError = error
    except OSError as error:
        raise _unreadable(error) from None
    try:
        member = open_member(path)
    except OSError as error:
        raise _unreadable(error) from None
    if member is None:
        raise _unreadable(fault)
    return cast(BinaryIO, member)


def byte_size(stream: BinaryIO) -> int:
    """Size of what :func:`open_regular` opened, as it is now; for a member its uncompressed size."""
    return stream.n_bytes if isinstance(stream, MemberStream) else stamp_of(stream).size


def stamp_of(stream: BinaryIO) -> FileStamp:
    """Stamp of what :func:`open_regular` opened, as it is now; for a member that of its archive."""
    return stream.stamp() if isinstance(stream, MemberStream) else file_stamp(stream.fileno())


def _unreadable(error: OSError) -> IngestError:
    return IngestError("E_UNREADABLE", f"({type(error).__name__})", "failed")
