"""A progress bar over work whose length is known."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def with_progress(items: Sequence[T], what: str, *, shown: bool) -> Iterable[T]:
    """Give the items one by one, with a bar on stderr where ``shown`` and where that is a terminal; it leaves no line.

    ``what`` names the items, in the plural.
    """
    if not shown or not sys.stderr.isatty():
        return items
    from tqdm import tqdm  # late: only a terminal needs it

    return tqdm(items, desc=what, unit=f" {what}", dynamic_ncols=True, leave=False)
