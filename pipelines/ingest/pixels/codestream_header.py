"""What a compressed frame says of itself, read before any decoder sees it."""

from __future__ import annotations

from typing import NamedTuple

_START_OF_FRAME = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}  # JPEG T.81 table B.1, JPEG-LS T.87
_SIZ = b"\xff\x4f\xff\x51"  # JPEG 2000 T.800 A.5: start of codestream, image and tile size


class CodestreamHeader(NamedTuple):
    """Size and coding of the samples; ``signed`` is None where the coding knows no sign (JPEG, JPEG-LS)."""

    rows: int
    columns: int
    components: int
    bits: int
    signed: bool | None


def codestream_header(frame: bytes) -> CodestreamHeader | None:
    """Read the header of a JPEG, JPEG-LS or JPEG 2000 frame, None where there is none."""
    if frame.startswith(_SIZ) and len(frame) > 42:
        x, y, x0, y0 = (int.from_bytes(frame[n : n + 4], "big") for n in (8, 12, 16, 20))
        components = int.from_bytes(frame[40:42], "big")
        return CodestreamHeader(y - y0, x - x0, components, (frame[42] & 0x7F) + 1, frame[42] > 0x7F)
    offset = 2
    while frame.startswith(b"\xff\xd8") and offset + 10 <= len(frame) and frame[offset] == 0xFF:
        marker = frame[offset + 1]
        if marker in _START_OF_FRAME:
            rows, columns = (int.from_bytes(frame[offset + n : offset + n + 2], "big") for n in (5, 7))
            return CodestreamHeader(rows, columns, frame[offset + 9], frame[offset + 4], None)
        # a fill byte has no length
        offset += 1 if marker == 0xFF else 2 + int.from_bytes(frame[offset + 2 : offset + 4], "big")
    return None
