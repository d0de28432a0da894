"""Deflated data sets, under a cap."""

from __future__ import annotations

import zlib

from ..pixels.decode_fault import DecodeFault

MIN_CAP_BYTES = 64 * 2**20
MAX_RATIO = 20  # CT deflates two- to fourfold; a bomb a thousandfold


def inflate(data: bytes) -> bytes:
    """Inflate a raw deflate stream (DICOM PS3.5 A.5).

    Raises
    ------
    IngestError
        ``E_INFLATE_LIMIT`` beyond 64 MiB and 20 times the input; ``E_BAD_HEADER`` where it is no deflate stream.
    """
    cap = max(MIN_CAP_BYTES, MAX_RATIO * len(data))
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = stream.decompress(data, cap)
    except zlib.error:
        raise DecodeFault("no deflate") from None
    if not stream.eof and stream.unconsumed_tail:
        raise DecodeFault("inflate limit", len(data), cap)
    return inflated
