"""Reading a file that must not change meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..ingest_error import IngestError
from .open_regular import open_regular, stamp_of


@contextmanager
def open_unchanged(path: Path) -> Iterator[BinaryIO]:
    """Open as :func:`open_regular` does, and see when the block ends that the file is still the same.

    What the block found in a file that changed is not to be trusted, be it a value or a fault; only a file that is
    skipped anyway (a log that is being written, say) stays so.

    Raises
    ------
    IngestError
        ``E_FILE_CHANGED`` (failed), or as :func:`open_regular`.
    """
    with open_regular(path) as stream:
        before = stamp_of(stream)
        try:
            yield stream
        except IngestError as error:
            if error.status != "skipped" and stamp_of(stream) != before:
                raise IngestError("E_FILE_CHANGED", status="failed") from None
            raise
        if stamp_of(stream) != before:
            raise IngestError("E_FILE_CHANGED", status="failed")
