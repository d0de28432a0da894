"""Every file of a tree that may be opened safely, in a fixed order."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .input_path_error import InputPathError

MAX_DEPTH = 32  # deeper than any export seen, far from the recursion limit
MAX_FILES = 1_000_000  # about a quarter of an hour of header reading
MAX_FILE_BYTES = 16 * 2**30  # far above any CT series in one file

_JUNK = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


@dataclass(frozen=True)
class Walk:
    """The regular files found, sorted by their path, and how many entries were skipped under which code."""

    root: Path
    files: tuple[Path, ...]
    skipped: Mapping[str, int]


def walk_files(root: Path, exclude: Path | None = None) -> Walk:
    """List the regular files under ``root`` (or ``root`` itself); links, pipes and devices are never opened.

    A link inside the tree is skipped too: what it points to is either in the tree anyway or outside of it. A folder
    ``exclude`` below ``root`` is passed over as if it were not there (the results of this very run).

    Raises
    ------
    InputPathError
        ``root`` does not exist, may not be read, or is neither a file nor a folder.
    """
    try:
        real = root.resolve(strict=True)
        mode = real.stat().st_mode
        if stat.S_ISREG(mode):
            return Walk(real.parent, (real,), {})
        if not stat.S_ISDIR(mode):
            raise InputPathError("The input is neither a file nor a folder.")
        os.scandir(real).close()  # a folder that may not be listed is an error here, not an empty result
    except FileNotFoundError:
        raise InputPathError("The input path does not exist.") from None
    except (OSError, RuntimeError) as error:
        raise InputPathError(f"The input path cannot be read ({type(error).__name__}).") from None
    skipped: Counter[str] = Counter()
    files: list[Path] = []
    for path in _regular_files(real, 0, skipped, None if exclude is None else exclude.resolve()):
        if len(files) < MAX_FILES:
            files.append(path)
        else:
            skipped["I_OVER_LIMIT"] += 1
    return Walk(real, tuple(files), dict(skipped))


def _regular_files(folder: Path, depth: int, skipped: Counter[str], exclude: Path | None) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        skipped["I_UNREADABLE"] += 1
        return
    for entry in found:
        if exclude is not None and Path(entry.path) == exclude:
            continue
        code = _skip_code(entry, depth)
        if code:
            skipped[code] += 1
        elif entry.is_dir(follow_symlinks=False):
            yield from _regular_files(Path(entry.path), depth + 1, skipped, exclude)
        else:
            yield Path(entry.path)


def _skip_code(entry: os.DirEntry[str], depth: int) -> str:
    """Code under which an entry is skipped, empty where it is not."""
    if entry.name.startswith(".") or entry.name.lower() in _JUNK:
        return "I_NON_DICOM"
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return "I_UNREADABLE"
    if stat.S_ISDIR(status.st_mode):
        return "I_OVER_LIMIT" if depth >= MAX_DEPTH else ""
    if not stat.S_ISREG(status.st_mode):
        return "I_NOT_REGULAR"
    return "I_OVER_LIMIT" if status.st_size > MAX_FILE_BYTES else ""
