"""Remove what killed runs left half written."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

from .atomic_write import UNFINISHED

_FOLDERS = (".", "cases", "private")


def sweep_unfinished(output: Path) -> int:
    """Remove unfinished files and folders below ``output`` that no living process holds; return how many."""
    left = [path for name in _FOLDERS for path in sorted((output / name).glob(f"{UNFINISHED}*"))]
    return sum(_remove(path) for path in left if not _held(path))


def _held(path: Path) -> bool:
    """Say whether another process is still writing here."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:  # gone, or a link: nobody writes to it
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no locks on this file system: what is there is left over
        return False
    finally:
        os.close(descriptor)
    return False


def _remove(path: Path) -> bool:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
    return not path.exists()
