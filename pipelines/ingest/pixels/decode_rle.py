"""RLE frames (DICOM PS3.5 annex G), with the exact check of size that a lenient decoder leaves out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .decode_fault import DecodeFault

_HEADER_BYTES = 64
_NO_OPERATION = 128


def decode_rle(frame: bytes, rows: int, columns: int) -> npt.NDArray[np.uint16]:
    """Decode a frame of 16-bit words, high byte plane first, to ``(j, i)``.

    Raises
    ------
    IngestError
        ``E_CODESTREAM_MISMATCH`` where the planes do not hold exactly rows times columns bytes.
    """
    count, *offsets = (int(n) for n in np.frombuffer(frame[:_HEADER_BYTES].ljust(_HEADER_BYTES, b"\0"), "<u4"))
    if count != 2 or not _HEADER_BYTES <= offsets[0] < offsets[1] < len(frame):
        raise DecodeFault("rle segments", count)
    high = _unpack(frame[offsets[0] : offsets[1]], rows * columns)
    low = _unpack(frame[offsets[1] :], rows * columns)
    return np.asarray((high.astype(np.uint16) << 8) | low, np.uint16).reshape(rows, columns)


def _unpack(segment: bytes, size: int) -> npt.NDArray[np.uint8]:
    """Undo PackBits: a count byte, then so many literal bytes or one byte to repeat."""
    out = bytearray()
    at = 0
    while at < len(segment) and len(out) < size:
        control = segment[at]
        if control < _NO_OPERATION:
            out += segment[at + 1 : at + 2 + control]
            at += 2 + control
        elif control > _NO_OPERATION:
            out += segment[at + 1 : at + 2] * (257 - control)
            at += 2
        else:
            at += 1
    # a segment may be padded to even length by one byte
    if len(out) != size or len(segment) - at > 1:
        raise DecodeFault("rle size", len(out), max(len(segment) - at, 0), size)
    return np.frombuffer(bytes(out), np.uint8)
