"""JPEG 2000 codestreams, high-throughput ones too, without their free text."""

from __future__ import annotations

from ..ingest.ingest_error import IngestError

_TILE, _DATA, _END, _COMMENT = 0x90, 0x93, 0xD9, 0x64
# CAP, SIZ, COD, COC, TLM, PRF, PLM, PLT, CPF, QCD, QCC, RGN, POC, PPM, PPT, CRG (T.800 table A.2, T.814)
_KNOWN = frozenset((*range(0x50, 0x54), *range(0x55, 0x5A), *range(0x5C, 0x62), 0x63))
_TILE_BYTES = 12  # marker, length, tile, length of the part, its number and their count


def clean_jpeg_2000(frame: bytes) -> bytes:
    """Zero the comments in the main header and those of all tile-parts, and cut what follows the end of the image.

    Raises
    ------
    IngestError
        ``E_DECODE`` where a marker is not known, or a part is longer than the frame.
    """
    data = bytearray(frame)
    offset = _blank_comments(data, 2, _TILE)
    while data[offset : offset + 2] == bytes((0xFF, _TILE)):
        length = int.from_bytes(data[offset + 6 : offset + 10], "big")
        body = _blank_comments(data, offset + _TILE_BYTES, _DATA)
        end = offset + length if length else _find_end(data, body)
        if end < body or end > len(data):
            raise IngestError("E_DECODE", "(a tile-part that is too long)")
        offset = end
    if offset < len(data) and data[offset : offset + 2] != bytes((0xFF, _END)):
        raise IngestError("E_DECODE", "(no tile-part where one is due)")
    return bytes(data[: offset + 2])


def _blank_comments(data: bytearray, offset: int, end: int) -> int:
    """Zero the comments of one header; give the place of the marker that ends it."""
    while data[offset : offset + 2] != bytes((0xFF, end)):
        marker = data[offset + 1] if data[offset : offset + 1] == b"\xff" and offset + 4 <= len(data) else 0
        after = offset + 2 + int.from_bytes(data[offset + 2 : offset + 4], "big")
        if marker not in _KNOWN | {_COMMENT} or not offset + 4 <= after <= len(data):
            raise IngestError("E_DECODE", "(a segment that is not known or too long)")
        if marker == _COMMENT:  # two bytes say which kind
            data[offset + 6 : after] = bytes(max(0, after - offset - 6))
        offset = after
    return offset


def _find_end(data: bytearray, start: int) -> int:
    """Find the end of the last tile-part where its length is not said: no coded data look like it (T.800 B.10)."""
    found = data.find(bytes((0xFF, _END)), start)
    return found if found >= 0 else len(data)
