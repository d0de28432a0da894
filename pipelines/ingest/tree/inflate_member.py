"""The bytes of a zip member, counted as they come."""

from __future__ import annotations

import os
import zlib

from ..ingest_error import IngestError
from .zip_directory import DEFLATED, ZipEntry

_BLOCK_BYTES = 64 * 2**10  # inflates to 64 MiB at most


def inflate_head(descriptor: int, start: int, entry: ZipEntry, count: int) -> bytes:
    """Give the first ``count`` bytes of a member whose data begin at ``start``, fewer where it ends or is damaged."""
    data = os.pread(descriptor, min(entry.packed_bytes, count + _BLOCK_BYTES), start)
    if entry.method != DEFLATED:
        return data[:count]
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, count)
    except zlib.error:
        return b""


def inflate_member(descriptor: int, start: int, entry: ZipEntry) -> bytearray:
    """Give a whole member.

    Raises
    ------
    IngestError
        It is not what the directory says: ``E_TRUNCATED`` or ``E_INFLATE_LIMIT`` for the size, ``E_UNREADABLE`` for
        the coding or the checksum.
    """
    decoder = zlib.decompressobj(-zlib.MAX_WBITS) if entry.method == DEFLATED else None
    data = bytearray()
    for block_at in range(0, entry.packed_bytes, _BLOCK_BYTES):
        block = os.pread(descriptor, min(_BLOCK_BYTES, entry.packed_bytes - block_at), start + block_at)
        try:
            # one byte more than there should be tells a lie
            data += decoder.decompress(block, entry.n_bytes - len(data) + 1) if decoder else block
        except zlib.error:
            raise IngestError("E_UNREADABLE", "(damaged member of a zip archive)", "failed") from None
        if len(data) > entry.n_bytes:
            raise IngestError("E_INFLATE_LIMIT", f"({entry.n_bytes} bytes declared)")
    if len(data) < entry.n_bytes:
        raise IngestError("E_TRUNCATED", f"({entry.n_bytes - len(data)} bytes missing)")
    if zlib.crc32(data) != entry.crc:
        raise IngestError("E_UNREADABLE", "(wrong checksum of a zip member)", "failed")
    return data
