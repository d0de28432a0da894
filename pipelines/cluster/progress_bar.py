"""A progress bar over the scans of all machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm


@contextmanager
def progress_bar(total: int, finished: int, *, shown: bool) -> Iterator[Any]:
    """Show how many scans are done, on stderr where ``shown`` and where that is a terminal."""
    with tqdm(
        desc="scans", unit="scan", total=total, initial=finished, disable=None if shown else True, dynamic_ncols=True
    ) as bar:
        yield bar
