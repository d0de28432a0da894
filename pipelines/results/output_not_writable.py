"""The error of an output folder that cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class OutputNotWritable(Exception):
    """The output folder cannot be made or written (rights, full disk, a file in its place)."""


@contextmanager
def writing(output: Path) -> Iterator[None]:
    """Turn any fault of the file system below ``output`` into OutputNotWritable."""
    try:
        yield
    except OSError as error:
        cause = error.strerror or type(error).__name__
        raise OutputNotWritable(f"cannot write to {output}: {cause}. Choose a folder that you may write to.") from error
