"""The one way in which a file of the input is opened."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def open_descriptor(path: Path) -> int:
    """Open a regular file for reading, never a link, and never waiting on a pipe; the caller closes the descriptor.

    Raises
    ------
    OSError
        The file is gone, forbidden, or no regular file (``FileNotFoundError``).
    """
    descriptor = os.open(path, _FLAGS)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError("no regular file")
    return descriptor
