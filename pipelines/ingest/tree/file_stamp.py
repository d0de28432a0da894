"""What tells that a file is still the same."""

from __future__ import annotations

import os
from typing import NamedTuple


class FileStamp(NamedTuple):
    """Size, time of the last change and inode of a file: another stamp means other content."""

    size: int
    mtime_ns: int
    inode: int


def file_stamp(descriptor: int) -> FileStamp:
    """Take the stamp of an open file as it is now."""
    status = os.fstat(descriptor)
    return FileStamp(status.st_size, status.st_mtime_ns, status.st_ino)
