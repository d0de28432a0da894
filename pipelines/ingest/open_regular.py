"""Opening a file that somebody else may be changing."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from .ingest_error import IngestError


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading, never a link, and never waiting on a pipe.

    Raises
    ------
    IngestError
        ``E_UNREADABLE`` where the file is gone, forbidden or no regular file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise IngestError("E_UNREADABLE", f"({type(error).__name__})", "failed") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise IngestError("E_UNREADABLE", "(no regular file)", "failed")
    return os.fdopen(descriptor, "rb")
