"""A folder that one service uses at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..inference.usage_error import UsageError
from ..results.output_not_writable import writing


@contextmanager
def own_folder(folder: Path) -> Iterator[None]:
    """Make the folder, readable for its owner only, and hold it while the block lasts; a killed process lets it go.

    Raises
    ------
    UsageError
        Another service holds it, or it is open to others and not ours to close.
    OutputNotWritable
        It cannot be made or written.
    """
    with writing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _close_to_others(folder)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError("Another service uses this folder. End it first, or choose another folder.") from None
        yield
    finally:
        os.close(descriptor)


def _close_to_others(folder: Path) -> None:
    try:
        folder.chmod(0o700)
    except OSError:
        if folder.stat().st_mode & 0o077:
            raise UsageError("The service's folder can be read by others, and its mode cannot be changed.") from None
