"""Which members of a zip archive may be read."""

from __future__ import annotations

import os
import re
import stat
import threading
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..ingest_error import IngestError
from .file_stamp import FileStamp, file_stamp
from .is_junk import is_junk
from .open_descriptor import open_descriptor
from .zip_directory import DEFLATED, STORED, ZipEntry, read_zip_directory

MAX_MEMBERS = 100_000  # some forty CT studies
MAX_MEMBER_BYTES = 2**30  # 2 000 frames of 512 x 512 voxels; a member is held in memory while it is read
MAX_ARCHIVE_BYTES = 64 * 2**30  # 120 000 such slices; minutes of inflating
MAX_RATIO = 20  # CT deflates two- to fourfold; a bomb a thousandfold
FREE_MEMBER_BYTES = 16 * 2**20  # one slice, even if it is all air and shrinks a thousandfold
FREE_ARCHIVE_BYTES = 2**30  # a phantom without noise shrinks that much, too

_MAX_NAME_BYTES = 1024  # far below the 4096 of a whole path
_ENCRYPTED = 0x1 | 0x40 | 0x2000  # bits of the flags (APPNOTE 4.4.4)
_DRIVE = re.compile(r"[A-Za-z]:")
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar")
_CACHED_MEMBERS = 2 * MAX_MEMBERS  # about 100 MB
_NOTED_ARCHIVES = 100_000  # some 20 MB in a process that lives for long


@dataclass(frozen=True)
class ArchiveLimits:
    """What an archive may hold; see the constants for the reasons. They may be lowered, not raised."""

    members: int = MAX_MEMBERS
    member_bytes: int = MAX_MEMBER_BYTES
    total_bytes: int = MAX_ARCHIVE_BYTES
    ratio: int = MAX_RATIO
    free_member_bytes: int = FREE_MEMBER_BYTES
    free_archive_bytes: int = FREE_ARCHIVE_BYTES


@dataclass(frozen=True)
class ZipMembers:
    """The members by their path inside the archive, and how many entries were skipped under which code."""

    stamp: FileStamp
    by_name: Mapping[str, ZipEntry]
    skipped: Mapping[str, int] = field(default_factory=dict)


_lock = threading.Lock()
_cache: OrderedDict[str, ZipMembers] = OrderedDict()
_listed: OrderedDict[str, FileStamp] = OrderedDict()


def list_zip(archive: Path, limits: ArchiveLimits | None = None) -> ZipMembers:
    """Read and judge the directory of an archive, and note its stamp for :func:`zip_members`.

    Raises
    ------
    IngestError
        ``I_ARCHIVE`` (skipped): damaged or over a limit; then nothing of it may be read.
    OSError
        It cannot be opened.
    """
    descriptor = open_descriptor(archive)
    try:
        members = _judge(descriptor, limits or ArchiveLimits())
    finally:
        os.close(descriptor)
    with _lock:
        _listed[str(archive)] = members.stamp
        _listed.move_to_end(str(archive))
        while len(_listed) > _NOTED_ARCHIVES:
            _listed.popitem(last=False)
        _keep(str(archive), members)
    return members


def zip_members(archive: Path, descriptor: int) -> ZipMembers:
    """Give the members of an archive that is open at ``descriptor``; its directory is parsed once for many members.

    Raises
    ------
    IngestError
        ``E_FILE_CHANGED`` where it is not what this process has listed, ``I_ARCHIVE`` as :func:`list_zip`.
    """
    stamp = file_stamp(descriptor)
    with _lock:  # also while parsing: other threads want the same directory
        if _listed.get(str(archive), stamp) != stamp:
            raise IngestError("E_FILE_CHANGED", "(zip archive)", "failed")
        members = _cache.get(str(archive))
        if members is None or members.stamp != stamp:
            members = _judge(descriptor, ArchiveLimits())
        _keep(str(archive), members)
    return members


def _keep(archive: str, members: ZipMembers) -> None:
    _cache[archive] = members
    _cache.move_to_end(archive)
    while len(_cache) > 1 and sum(len(kept.by_name) for kept in _cache.values()) > _CACHED_MEMBERS:
        _cache.popitem(last=False)


def _judge(descriptor: int, limits: ArchiveLimits) -> ZipMembers:
    stamp = file_stamp(descriptor)
    by_name: dict[str, ZipEntry] = {}
    junk: set[str] = set()
    skipped: Counter[str] = Counter()
    seen: set[str] = set()
    for entry in read_zip_directory(descriptor, limits.members):
        name = _safe_name(entry.raw_name)
        if name is not None and entry.raw_name.endswith(b"/"):
            continue  # a folder
        prefix = None if name is None else _junk_prefix(name)
        if prefix is not None:
            junk.add(prefix)  # a folder of junk counts once, as it does on the disk
        elif name is None or name in seen or not _is_readable(name, entry):
            skipped["I_ARCHIVE_MEMBER"] += 1
        else:
            by_name[name] = entry
        seen.update([] if name is None else [name])
    _check_sizes(list(by_name.values()), stamp.size, limits)
    counts = {"I_NON_DICOM": len(junk), **skipped}
    return ZipMembers(stamp, by_name, {code: count for code, count in counts.items() if count})


def _safe_name(raw: bytes) -> str | None:
    """Path inside the archive, None where it leads out of it or could be taken so."""
    if b"\0" in raw or b"\\" in raw or raw.startswith(b"/") or len(raw) > _MAX_NAME_BYTES:
        return None
    # whatever code page it was, so no two names become one
    parts = [part for part in raw.decode("utf-8", "surrogateescape").split("/") if part not in ("", ".")]
    if not parts or ".." in parts or _DRIVE.match(parts[0]):
        return None
    return "/".join(parts)


def _junk_prefix(name: str) -> str | None:
    parts = name.split("/")
    return next(("/".join(parts[: n + 1]) for n, part in enumerate(parts) if is_junk(part)), None)


def _is_readable(name: str, entry: ZipEntry) -> bool:
    from ..volume_file.plan_volume_file import is_volume_file  # late: it opens files, and so needs this module

    if entry.flags & _ENCRYPTED or entry.method not in (STORED, DEFLATED):
        return False
    if stat.S_IFMT(entry.mode) not in (0, stat.S_IFREG):  # a link or device; 0 where the writer knows no modes
        return False
    return not (is_volume_file(Path(name)) or name.lower().endswith(_ARCHIVES))


def _check_sizes(entries: list[ZipEntry], archive_bytes: int, limits: ArchiveLimits) -> None:
    for entry in entries:
        if entry.n_bytes > min(limits.member_bytes, max(limits.free_member_bytes, limits.ratio * entry.packed_bytes)):
            raise IngestError("I_ARCHIVE", f"(a member of {entry.n_bytes} bytes)", "skipped")
    total = sum(entry.n_bytes for entry in entries)
    if total > min(limits.total_bytes, max(limits.free_archive_bytes, limits.ratio * archive_bytes)):
        raise IngestError("I_ARCHIVE", f"({total} bytes in all)", "skipped")
