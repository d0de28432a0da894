"""Give a finished folder its name."""

from __future__ import annotations

import shutil
from pathlib import Path

from .atomic_write import sync_folder, unfinished_beside


def replace_folder(temporary: Path, final: Path) -> None:
    """Put ``temporary`` in the place of ``final``; killed in between, the case counts as not done and is done again."""
    old = unfinished_beside(final)
    if final.exists():
        final.rename(old)
    temporary.rename(final)
    sync_folder(final.parent)
    shutil.rmtree(old, ignore_errors=True)
