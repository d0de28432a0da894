"""Files that were given twice."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from .open_regular import open_regular
from .slice_header import SliceHeader
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
    conflicts = sum(len({_fingerprint(header) for header in group}) > 1 for group in doubled)
    kept = tuple(group[0] for group in copies.values())
    if conflicts:
        return kept, Verdict("E_UID_CONFLICT", f"({conflicts} of {len(copies)} images)")
    return kept, Verdict("W_DUPLICATE_FILE", f"({len(headers) - len(kept)} dropped)") if doubled else None


def _fingerprint(header: SliceHeader) -> tuple[object, ...]:
    pixels = header.pixels
    digest = hashlib.sha256()
    with open_regular(header.path) as stream:
        stream.seek(max(pixels.offset, 0))
        left = pixels.length if pixels.length >= 0 else pixels.file_bytes
        while left > 0 and (block := stream.read(min(left, _HASH_BLOCK))):
            digest.update(block)
            left -= len(block)
    place = (header.position, header.orientation, header.pixel_spacing)
    return (*place, pixels.transfer_syntax, pixels.slope, pixels.intercept, digest.hexdigest())
