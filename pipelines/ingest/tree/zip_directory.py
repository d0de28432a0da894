"""The central directory of a zip archive, as plain entries; nothing it says is believed yet."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from ..ingest_error import IngestError

MAX_DIRECTORY_BYTES = 64 * 2**20  # 100 000 members with names of 500 bytes

STORED, DEFLATED = 0, 8

_END, _END_BYTES = struct.Struct("<4s4H2LH"), 22
_LOCATOR, _END_64 = struct.Struct("<4sLQL"), struct.Struct("<4sQ2H2L4Q")
_ENTRY, _LOCAL = struct.Struct("<4s4B4HL2L5H2L"), struct.Struct("<4s5H3L2H")
_MAX_COMMENT_BYTES = 2**16 - 1
_IN_ZIP64 = 2**32 - 1  # the number stands in the extra field
_ZIP64_EXTRA = 0x0001


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One entry of the directory (PKWARE APPNOTE 4.3.12); ``offset`` is that of its local header."""

    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed_bytes: int
    n_bytes: int
    mode: int
    offset: int


def read_zip_directory(descriptor: int, max_entries: int) -> tuple[ZipEntry, ...]:
    """Read all entries of the archive that is open at ``descriptor``, in their order.

    Only an archive in one piece is taken: directory and end record close the file, no two members overlap.

    Raises
    ------
    IngestError
        ``I_ARCHIVE`` (skipped): damaged, in several parts, or more entries than ``max_entries``.
    """
    try:
        start, length = _place(descriptor, os.fstat(descriptor).st_size)
        if length > min(MAX_DIRECTORY_BYTES, max_entries * (_ENTRY.size + 2**16)):
            raise _fault(f"(a directory of {length} bytes)")
        entries = tuple(_entries(_read(descriptor, start, length), max_entries))
        _check_apart(entries, start)
    except (struct.error, OSError) as error:
        raise _fault(f"({type(error).__name__})") from None
    return entries


def data_offset(descriptor: int, entry: ZipEntry) -> int:
    """Find where the data of a member begin, behind its local header (APPNOTE 4.3.7).

    Raises
    ------
    IngestError
        ``E_UNREADABLE``: no such header there, or that of another member.
    """
    header = os.pread(descriptor, _LOCAL.size + len(entry.raw_name), entry.offset)
    if len(header) == _LOCAL.size + len(entry.raw_name):
        fields = _LOCAL.unpack_from(header)
        magic, flags, method = fields[0], fields[2], fields[3]
        name_bytes, extra_bytes = int(fields[-2]), int(fields[-1])
        same = (magic, flags & 1, method, header[_LOCAL.size :]) == (b"PK\3\4", 0, entry.method, entry.raw_name)
        if same and name_bytes == len(entry.raw_name):
            return entry.offset + _LOCAL.size + name_bytes + extra_bytes
    raise IngestError("E_UNREADABLE", "(damaged member of a zip archive)", "failed")


def _fault(detail: str) -> IngestError:
    return IngestError("I_ARCHIVE", detail, "skipped")


def _read(descriptor: int, start: int, length: int) -> bytes:
    data = os.pread(descriptor, length, start) if start >= 0 else b""
    if len(data) != length:
        raise _fault("(a record beyond the end of the file)")
    return data


def _place(descriptor: int, size: int) -> tuple[int, int]:
    """Start and length of the directory."""
    end_at, (_, disk, first_disk, here, count, length, start, _) = _find_end(descriptor, size)
    if _LOCATOR.size <= end_at and _read(descriptor, end_at - _LOCATOR.size, 4) == b"PK\6\7":
        end_at, (disk, first_disk, here, count, length, start) = _find_end_64(descriptor, end_at - _LOCATOR.size)
    if disk or first_disk or here != count:
        raise _fault("(one part of several)")
    if start + length != end_at:
        raise _fault("(the directory is not where it should be)")
    return start, length


def _find_end(descriptor: int, size: int) -> tuple[int, tuple[int, ...]]:
    tail_bytes = min(size, _END_BYTES + _MAX_COMMENT_BYTES)
    tail = _read(descriptor, size - tail_bytes, tail_bytes)
    at = tail.rfind(b"PK\5\6")
    while at >= 0:
        if len(tail) - at >= _END_BYTES:
            record = _END.unpack_from(tail, at)
            if at + _END_BYTES + record[-1] == len(tail):  # its comment closes the file
                return size - tail_bytes + at, record
        at = tail.rfind(b"PK\5\6", 0, at)
    raise _fault("(no end record)")


def _find_end_64(descriptor: int, locator_at: int) -> tuple[int, tuple[int, ...]]:
    _, disk, at, _ = _LOCATOR.unpack(_read(descriptor, locator_at, _LOCATOR.size))
    magic, record_bytes, _, _, *numbers = _END_64.unpack(_read(descriptor, min(at, locator_at), _END_64.size))
    if disk or magic != b"PK\6\6" or at + 12 + record_bytes != locator_at:
        raise _fault("(no 64-bit end record)")
    return at, tuple(numbers)


def _entries(directory: bytes, max_entries: int) -> Iterator[ZipEntry]:
    at = count = 0
    while at < len(directory):
        count += 1
        if count > max_entries:
            raise _fault(f"(more than {max_entries} members)")
        fields = _ENTRY.unpack_from(directory, at)
        name_bytes, extra_bytes, comment_bytes = fields[12:15]
        name_at = at + _ENTRY.size
        extra_at = name_at + name_bytes
        at = extra_at + extra_bytes + comment_bytes
        if fields[0] != b"PK\1\2" or at > len(directory):
            raise _fault("(a damaged directory)")
        yield _entry(fields, directory[name_at:extra_at], directory[extra_at : extra_at + extra_bytes])


def _entry(fields: tuple[int, ...], name: bytes, extra: bytes) -> ZipEntry:
    _, _, _, _, _, flags, method, _, _, crc, packed, size, _, _, _, disk, _, external, offset = fields
    wide = _zip64_numbers(extra)
    size, packed, offset = (next(wide) if number == _IN_ZIP64 else number for number in (size, packed, offset))
    if disk:
        raise _fault("(one part of several)")
    return ZipEntry(name, flags, method, crc, packed, size, external >> 16, offset)


def _zip64_numbers(extra: bytes) -> Iterator[int]:
    """Give the 64-bit numbers of the extra field (APPNOTE 4.5.3), one after the other."""
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        if tag == _ZIP64_EXTRA:
            value = extra[at + 4 : at + 4 + length]
            yield from (number for (number,) in struct.iter_unpack("<Q", value[: len(value) // 8 * 8]))
        at += 4 + length
    raise _fault("(a 64-bit number is missing)")


def _check_apart(entries: tuple[ZipEntry, ...], end: int) -> None:
    """Members that share bytes are how a small file becomes a large one."""
    free_from = 0
    for entry in sorted(entries, key=lambda entry: entry.offset):
        if entry.offset < free_from:
            raise _fault("(members overlap)")
        free_from = entry.offset + _LOCAL.size + len(entry.raw_name) + entry.packed_bytes
    if free_from > end:
        raise _fault("(a member beyond the directory)")
