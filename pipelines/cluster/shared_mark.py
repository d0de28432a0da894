"""A file by which workers know the output folder of a run."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..results.atomic_write import locked, unfinished_beside
from ..results.output_not_writable import writing


@dataclass(frozen=True)
class SharedMark:
    """A file and what it says; who reads that sees the same folder."""

    path: Path
    text: str

    def is_seen(self) -> bool:
        """Say whether it is there, on the machine that asks."""
        try:
            return self.path.read_text(encoding="ascii") == self.text
        except (OSError, UnicodeDecodeError):
            return False

    def renew(self) -> None:
        """Write it again if it was swept away, as on file systems without locks."""
        if not self.is_seen():
            self.path.write_text(self.text, encoding="ascii")


@contextmanager
def shared_mark(output: Path) -> Iterator[SharedMark]:
    """Leave a mark in a folder, for as long as a ``with`` block lasts; after a kill a later run sweeps it away.

    Raises
    ------
    OutputNotWritable
        It cannot be written.
    """
    mark = SharedMark(unfinished_beside(output / "cluster"), secrets.token_hex(16))
    with writing(output):
        stream = mark.path.open("x", encoding="ascii")
    with stream, locked(stream.fileno()):
        try:
            with writing(output):
                stream.write(mark.text)
                stream.flush()
                os.fsync(stream.fileno())  # or other machines may see it empty
            yield mark
        finally:
            mark.path.unlink(missing_ok=True)
