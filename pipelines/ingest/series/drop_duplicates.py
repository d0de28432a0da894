"""Files that were given twice."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from ..header.slice_header import SliceHeader
from ..header.transfer_syntaxes import TRANSFER_SYNTAXES
from ..tree.open_regular import open_regular
from .verdict import Verdict

_HASH_BLOCK = 2**20


def drop_duplicates(headers: Sequence[SliceHeader]) -> tuple[tuple[SliceHeader, ...], Verdict | None]:
    """Keep one of each instance; a verdict where copies were dropped (W) or do not agree (E).

    Only the pixels of instances that occur twice are read.
    """
    copies: defaultdict[tuple[str, int], list[SliceHeader]] = defaultdict(list)
    for header in headers:
        copies[header.sop_uid, header.pixels.frame].append(header)
    doubled = [group for group in copies.values() if len(group) > 1]
    digest = cache(_digest)  # the frames of a file share one
    conflicts = sum(len({_fingerprint(header, digest) for header in group}) > 1 for group in doubled)
    kept = tuple(group[0] for group in copies.values())
    if conflicts:
        return kept, Verdict("E_UID_CONFLICT", f"({conflicts} of {len(copies)} images)")
    return kept, Verdict("W_DUPLICATE_FILE", f"({len(headers) - len(kept)} dropped)") if doubled else None


def _fingerprint(header: SliceHeader, digest: Callable[[Path, int, int], str]) -> tuple[object, ...]:
    pixels = header.pixels
    # a deflated file can only be compared as a whole, pixels of undefined length only to the end of the file
    start = 0 if TRANSFER_SYNTAXES[pixels.transfer_syntax].deflated else max(pixels.offset, 0)
    length = pixels.length if start and pixels.length >= 0 else pixels.file_bytes - start
    values = digest(header.path, start, length)
    place = (header.position, header.orientation, header.pixel_spacing)
    # where the pixels lie may differ between copies, what they mean may not
    return (place, dataclasses.replace(pixels, offset=0, length=0, file_bytes=0, file_mtime_ns=0), values)


def _digest(path: Path, start: int, length: int) -> str:
    digest = hashlib.sha256()
    with open_regular(path) as stream:
        stream.seek(start)
        while length > 0 and (block := stream.read(min(length, _HASH_BLOCK))):
            digest.update(block)
            length -= len(block)
    return digest.hexdigest()
