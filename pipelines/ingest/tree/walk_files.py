"""Every file of a tree that may be opened safely, in a fixed order."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...results_marker import MARKER
from ..ingest_error import IngestError
from ..input_path_error import InputPathError
from .is_junk import is_junk
from .open_descriptor import open_descriptor
from .walk_limits import WalkLimits
from .zip_members import list_zip

_ZIP_MAGICS = (b"PK\3\4", b"PK\5\6", b"PK\7\x08")  # first member; no member; first of several parts


@dataclass(frozen=True)
class Walk:
    """The regular files found, sorted by their path, and how many entries were skipped under which code.

    A member of a zip archive is listed as if the archive were a folder: ``root/export.zip/folder/name``.
    """

    root: Path
    files: tuple[Path, ...]
    skipped: Mapping[str, int]


@dataclass(frozen=True)
class _Found:
    """What one entry of a folder gives: one file, the members of an archive, or a reason for nothing."""

    files: tuple[Path, ...] = ()
    n_bytes: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)


def walk_files(root: Path, exclude: Path | None = None, limits: WalkLimits | None = None) -> Walk:
    """List the regular files under ``root`` (or ``root`` itself); links, pipes and devices are never opened.

    A link inside the tree is skipped too: what it points to is either in the tree anyway or outside of it. A folder
    ``exclude`` below ``root`` is passed over as if it were not there (the results of this very run), and so are folders
    below it that are marked as results (of other parts of the run, or of earlier ones). Zip archives are looked into,
    also where ``root`` is one. Where the limit of count or size is met, neither the files of the folder
    in which it was met nor any later ones are listed: half a series would look like a whole one.

    Raises
    ------
    InputPathError
        ``root`` does not exist, may not be read, or is neither a file nor a folder.
    """
    limits = limits or WalkLimits()
    real, is_folder = _resolve(root)
    if is_folder:
        return _gather(real, _look_through(real, limits, None if exclude is None else str(exclude.resolve())), limits)
    is_archive = _is_zip(real)
    found = _look_into(real, 0, limits) if is_archive else _Found((real,), real.stat().st_size)
    return _gather(real if is_archive else real.parent, iter([found]), limits)


def _resolve(root: Path) -> tuple[Path, bool]:
    """Give the real path, and whether it is a folder."""
    try:
        real = root.resolve(strict=True)
        mode = real.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise InputPathError("The input is neither a file nor a folder.")
        if stat.S_ISDIR(mode):
            os.scandir(real).close()  # a folder that may not be listed is an error here, not an empty result
    except FileNotFoundError:
        raise InputPathError("The input path does not exist.") from None
    except (OSError, RuntimeError, ValueError) as error:
        raise InputPathError(f"The input path cannot be read ({type(error).__name__}).") from None
    return real, stat.S_ISDIR(mode)


def _gather(root: Path, entries: Iterator[_Found], limits: WalkLimits) -> Walk:
    skipped: Counter[str] = Counter()
    files: list[Path] = []
    n_bytes, cut = 0, None
    for found in entries:
        skipped.update(found.skipped)
        n_bytes += found.n_bytes
        if cut is not None or len(files) + len(found.files) > limits.files or n_bytes > limits.total_bytes:
            skipped["I_OVER_LIMIT"] += len(found.files)
            cut = cut or (found.files[0].parent if found.files else None)
        else:
            files += found.files
    whole = files if cut is None else [path for path in files if path.parent != cut]
    skipped["I_OVER_LIMIT"] += len(files) - len(whole)
    return Walk(root, tuple(whole), {code: count for code, count in skipped.items() if count})


def _look_through(root: Path, limits: WalkLimits, exclude: str | None) -> Iterator[_Found]:
    """Go through the folders depth first, without recursion: a limit above that of Python would end the run."""
    pending = [_entries(str(root))]
    while pending:
        entry = next(pending[-1], None)
        if entry is None:
            pending.pop()
        elif isinstance(entry, _Found):
            yield entry
        elif exclude is None or entry.path != exclude:
            depth = len(pending) - 1
            code, status = _judge(entry, depth, limits)
            if status is None:
                yield _Found(skipped={code: 1})
            elif stat.S_ISDIR(status.st_mode):
                if os.path.isfile(os.path.join(entry.path, MARKER)):  # noqa: PTH113, PTH118  # False where it may not be entered
                    continue
                pending.append(_entries(entry.path))
            elif _is_zip(Path(entry.path)):
                yield _look_into(Path(entry.path), depth + 1, limits)
            else:
                yield _Found((Path(entry.path),), status.st_size)


def _entries(folder: str) -> Iterator[os.DirEntry[str] | _Found]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        yield _Found(skipped={"I_UNREADABLE": 1})
        return
    yield from found


def _judge(entry: os.DirEntry[str], depth: int, limits: WalkLimits) -> tuple[str, os.stat_result | None]:
    """Code under which an entry is skipped, or what it is."""
    if is_junk(entry.name):
        return "I_NON_DICOM", None
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return "I_UNREADABLE", None
    if stat.S_ISDIR(status.st_mode):
        return ("I_OVER_LIMIT", None) if depth >= limits.depth else ("", status)
    if not stat.S_ISREG(status.st_mode):
        return "I_NOT_REGULAR", None
    return ("I_OVER_LIMIT", None) if status.st_size > limits.file_bytes else ("", status)


def _is_zip(path: Path) -> bool:
    """Whether name and first bytes are those of a zip archive; what cannot be opened is blamed where it is read."""
    if path.suffix.lower() != ".zip":
        return False
    try:
        descriptor = open_descriptor(path)
    except OSError:
        return False
    try:
        return os.read(descriptor, 4) in _ZIP_MAGICS
    finally:
        os.close(descriptor)


def _look_into(archive: Path, depth: int, limits: WalkLimits) -> _Found:
    """List an archive that stands for a folder at ``depth``."""
    try:
        members = list_zip(archive, limits.archive)
    except OSError:
        return _Found(skipped={"I_UNREADABLE": 1})
    except IngestError as error:
        return _Found(skipped={error.code: 1})
    parts = {name: tuple(name.split("/")) for name in members.by_name}
    # folders that are too deep count once each, as they do on the disk
    too_deep = {part[: limits.depth - depth + 1] for part in parts.values() if depth + len(part) - 1 > limits.depth}
    names = sorted((name for name in parts if depth + len(parts[name]) - 1 <= limits.depth), key=parts.__getitem__)
    return _Found(
        tuple(archive / name for name in names),
        sum(members.by_name[name].n_bytes for name in names),
        Counter(members.skipped) + Counter({"I_OVER_LIMIT": len(too_deep)}),
    )
