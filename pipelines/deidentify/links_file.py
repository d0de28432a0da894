"""The table of old and new identifiers. It identifies patients."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path

from ..inference.usage_error import UsageError
from ..results.atomic_write import atomic_write
from .key_file import see_private

_HEADER = ("kind", "old", "new")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")  # a spreadsheet would run such a cell; the quote marks it as text
Link = tuple[str, str, str]


def read_links_file(path: Path) -> frozenset[Link]:
    """Read the links of earlier runs; none where there is no file.

    Raises
    ------
    UsageError
        The file is not ours, cannot be read, or may be read by others.
    """
    try:
        see_private(os.lstat(path).st_mode, "The links file")
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        raise UsageError(f"The links file cannot be read ({type(error).__name__}).") from None
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if not rows or tuple(rows[0]) != _HEADER or any(len(row) != len(_HEADER) for row in rows):
        raise UsageError("The links file holds something else. Choose another.")
    return frozenset((kind, old[1:] if old.startswith("'") else old, new) for kind, old, new in rows[1:])


def write_links_file(path: Path, links: Iterable[Link]) -> None:
    """Write the links, sorted, with mode 0600.

    Raises
    ------
    UsageError
        The file cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    writer.writerows((kind, f"'{old}" if old.startswith(_FORMULA) else old, new) for kind, old, new in sorted(links))
    try:
        atomic_write(path, text.getvalue().encode("utf-8", errors="surrogateescape"), mode=0o600)
    except OSError as error:
        raise UsageError(f"The links file cannot be written ({type(error).__name__}).") from None
