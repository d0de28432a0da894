"""RLE frames without what lies between and behind their segments."""

from __future__ import annotations

import struct

from ..ingest.ingest_error import IngestError

_HEADER = struct.Struct("<16L")  # count of segments, and 15 offsets (PS3.5 G.5)
_NO_OPERATION = 128


def clean_rle(frame: bytes, plane_bytes: int) -> bytes:
    """Build the frame anew from the parts of its segments that are needed for planes of ``plane_bytes`` each.

    Raises
    ------
    IngestError
        ``E_DECODE`` where a segment is missing or too short.
    """
    count, *offsets = _HEADER.unpack(frame[: _HEADER.size].ljust(_HEADER.size, b"\0"))
    if not 1 <= count <= len(offsets):
        raise IngestError("E_DECODE", f"({count} RLE segments)")
    segments = [_segment(frame, offset, plane_bytes) for offset in offsets[:count]]
    starts = [_HEADER.size + sum(map(len, segments[:n])) for n in range(count)]
    return b"".join((_HEADER.pack(count, *starts, *[0] * (15 - count)), *segments))


def _segment(frame: bytes, start: int, plane_bytes: int) -> bytes:
    at, unpacked = start, 0
    while unpacked < plane_bytes:
        if at >= len(frame):
            raise IngestError("E_DECODE", "(an RLE segment is too short)")
        control = frame[at]
        if control != _NO_OPERATION:
            unpacked += control + 1 if control < _NO_OPERATION else 257 - control
        at += 1 if control == _NO_OPERATION else 2 + control if control < _NO_OPERATION else 2
    if unpacked > plane_bytes or at > len(frame):
        raise IngestError("E_DECODE", "(an RLE segment does not fit the image)")
    return frame[start:at] + b"\0" * ((at - start) % 2)
