"""Encapsulated pixel data as frames (DICOM PS3.5 A.4)."""

from __future__ import annotations

import itertools

from .decode_fault import DecodeFault

_ITEM, _END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"


def split_fragments(data: bytes, frames: int) -> tuple[bytes, ...]:
    """Give the compressed frames of a pixel data value that starts at its offset table.

    Raises
    ------
    IngestError
        ``E_TRUNCATED`` where the data end inside a fragment, ``E_DECODE`` where fragments and frames do not match.
    """
    table, *fragments = _items(data)
    if frames == 1:
        return (b"".join(body for _, body in fragments),)
    first = fragments[0][0]
    bodies = {place - first: body for place, body in fragments}
    starts = [int.from_bytes(table[1][n : n + 4], "little") for n in range(0, len(table[1]), 4)]
    if not (len(starts) == len({*starts}) == frames and 0 in starts and {*starts} <= bodies.keys()):
        # without a table that can be right, each fragment must be a frame
        if len(fragments) != frames:
            raise DecodeFault("fragments", len(fragments), frames)
        return tuple(bodies.values())
    ends = dict(itertools.pairwise([*sorted(starts), len(data)]))  # frames need not lie in their order
    return tuple(b"".join(body for at, body in bodies.items() if low <= at < ends[low]) for low in starts)


def _items(data: bytes) -> list[tuple[int, bytes]]:
    """Offset and body of every item up to the sequence delimiter; the first is the offset table."""
    items: list[tuple[int, bytes]] = []
    offset = 0
    while data[offset : offset + 4] == _ITEM:
        length = int.from_bytes(data[offset + 4 : offset + 8], "little")
        body = data[offset + 8 : offset + 8 + length]
        if len(body) < length:
            raise DecodeFault("truncated", length - len(body))
        items.append((offset, body))
        offset += 8 + length
    if len(items) < 2 or (len(data) > offset and data[offset : offset + 4] != _END):
        raise DecodeFault("cut short") if offset >= len(data) else DecodeFault("no fragments", len(items))
    return items
