"""The stored values of one slice, whatever their coding."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .decode_frame import decode_frame
from .inflate import inflate
from .ingest_error import IngestError
from .open_regular import open_regular
from .read_elements import FIRST_CHUNK_BYTES
from .read_meta import read_meta
from .slice_header import PixelLayout
from .split_fragments import split_fragments
from .transfer_syntaxes import TRANSFER_SYNTAXES

Stored = npt.NDArray[np.int16] | npt.NDArray[np.uint16]


def read_stored(path: Path, layout: PixelLayout) -> Stored:
    """Read ``(j, i)`` stored values: unused bits cleared, the sign extended from the highest stored bit.

    Raises
    ------
    IngestError
        ``E_TRUNCATED``, ``E_FILE_CHANGED``, or what decoding found.
    """
    syntax = TRANSFER_SYNTAXES[layout.transfer_syntax]
    rows, columns = layout.rows or 0, layout.columns or 0
    with open_regular(path) as stream:
        if not syntax.deflated and os.fstat(stream.fileno()).st_size != layout.file_bytes:
            raise IngestError("E_FILE_CHANGED", status="failed")
        if syntax.encapsulated:
            stream.seek(layout.offset)
            value = stream.read(layout.length)
            array = decode_frame(split_fragments(value, layout.frames)[layout.frame], layout)
            return _as_stored(array.reshape(rows, columns), layout)
        offset, size = layout.offset + layout.frame * rows * columns * 2, rows * columns * 2
        if syntax.deflated:
            stream.seek(read_meta(stream.read(FIRST_CHUNK_BYTES)).dataset_offset)
            data = inflate(stream.read())[offset : offset + size]
        else:
            stream.seek(offset)
            data = stream.read(size)
    if len(data) < size:
        raise IngestError("E_TRUNCATED", f"({size - len(data)} bytes missing)")
    array = np.frombuffer(data, "<u2" if syntax.little_endian else ">u2").reshape(rows, columns)
    return _as_stored(array, layout)


def _as_stored(array: npt.NDArray[np.generic], layout: PixelLayout) -> Stored:
    """Give 16-bit values of the declared sign from those bits that are declared stored (DICOM PS3.5 8.1.1)."""
    bits, high = layout.bits_stored or 16, layout.high_bit if layout.high_bit is not None else 15
    kind = np.dtype(np.int16 if layout.signed else np.uint16)
    encapsulated = TRANSFER_SYNTAXES[layout.transfer_syntax].encapsulated
    words = array.astype(array.dtype.newbyteorder("="), copy=False)
    if words.dtype.itemsize != kind.itemsize:
        words = words.astype(kind)
    if bits == 16:
        return words.view(kind)
    # a codestream holds the value itself; native words hold it below the high bit
    up = 16 - bits if encapsulated else 15 - high
    shifted = np.left_shift(words.view(kind), up)
    return np.right_shift(shifted, 16 - bits, out=shifted)
