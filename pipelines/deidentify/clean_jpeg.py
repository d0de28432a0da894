"""JPEG and JPEG-LS streams without their free text."""

from __future__ import annotations

import re

from ..ingest.ingest_error import IngestError

_START, _END, _FILL, _SCAN = 0xD8, 0xD9, 0xFF, 0xDA
# tables, frame headers, restart interval (T.81 table B.1) and the parameters of JPEG-LS (T.87)
_KNOWN = frozenset({*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD, 0xF7, 0xF8, _SCAN} - {0xC8})
_FREE = frozenset({0xFE, *range(0xE0, 0xF0)})  # comments and application data (EXIF, ICC, XMP, SPIFF)
# in coded data a byte below 0x80 follows 0xFF (T.81: 0 only), or the marker of a restart
_MARKER = re.compile(rb"\xff[\x80-\xcf\xd8-\xfe]")


def clean_jpeg(frame: bytes) -> bytes:
    """Zero comments and application data between all scans, and cut what follows the end of the image.

    Raises
    ------
    IngestError
        ``E_DECODE`` where a marker is not known, or a segment is longer than the frame.
    """
    data, offset = bytearray(frame), 2
    while offset + 2 <= len(data):
        if data[offset] != 0xFF:
            raise IngestError("E_DECODE", "(no marker where one is due)")
        marker = data[offset + 1]
        if marker == _END:
            return bytes(data[: offset + 2])
        if marker == _FILL:
            offset += 1
            continue
        after = offset + 2 + int.from_bytes(data[offset + 2 : offset + 4], "big")
        if marker not in _KNOWN | _FREE or not offset + 4 <= after <= len(data):
            raise IngestError("E_DECODE", "(a segment that is not known or too long)")
        if marker in _FREE:
            data[offset + 4 : after] = bytes(after - offset - 4)
        offset = _after_scan(data, after) if marker == _SCAN else after
    return bytes(data)  # some encoders leave the end out


def _after_scan(data: bytearray, start: int) -> int:
    found = _MARKER.search(data, start)
    return found.start() if found else len(data)
