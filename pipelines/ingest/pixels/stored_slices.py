"""The stored values of slices, whatever their coding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from ..header.inflate import inflate
from ..header.read_meta import read_meta
from ..header.slice_header import PixelLayout
from ..header.transfer_syntaxes import TRANSFER_SYNTAXES
from ..tree.open_regular import byte_size, stamp_of
from ..tree.open_unchanged import open_unchanged
from .decode_fault import DecodeFault
from .rescale_slice import Stored
from .split_fragments import split_fragments

_META_BYTES = 32 * 2**10  # more than any file meta information


def stored_slices(sources: Iterable[tuple[Path, PixelLayout]]) -> Iterator[Stored]:
    """Yield ``(j, i)`` stored values of one slice after the other; a file with many frames is read once.

    Unused bits are cleared and the sign is extended from the highest stored bit (DICOM PS3.5 8.1.1).

    Raises
    ------
    IngestError
        ``E_TRUNCATED``, ``E_FILE_CHANGED``, or what decoding found.
    """
    at: Path | None = None
    frames: tuple[bytes, ...] = ()
    for path, layout in sources:
        syntax = TRANSFER_SYNTAXES[layout.transfer_syntax]
        if not (syntax.encapsulated or syntax.deflated):
            yield _from_native(_read_native(path, layout), layout)
            continue
        if path != at:
            at, frames = path, _read_frames(path, layout)
        yield (
            _from_frame(frames[layout.frame], layout)
            if syntax.encapsulated
            else _from_native(frames[layout.frame], layout)
        )


def _frame_bytes(layout: PixelLayout) -> int:
    return (layout.rows or 0) * (layout.columns or 0) * 2


def _read_native(path: Path, layout: PixelLayout) -> bytes:
    with open_unchanged(path) as stream:
        _check_unchanged(stream, layout)
        stream.seek(layout.offset + layout.frame * _frame_bytes(layout))
        return stream.read(_frame_bytes(layout))


def _read_frames(path: Path, layout: PixelLayout) -> tuple[bytes, ...]:
    """Read every frame of a file that can only be read whole."""
    with open_unchanged(path) as stream:
        _check_unchanged(stream, layout)
        if not TRANSFER_SYNTAXES[layout.transfer_syntax].deflated:
            stream.seek(layout.offset)
            return split_fragments(stream.read(layout.length), layout.frames)
        stream.seek(read_meta(stream.read(_META_BYTES)).dataset_offset)
        data = inflate(stream.read())
    size = _frame_bytes(layout)
    return tuple(data[layout.offset + n * size : layout.offset + (n + 1) * size] for n in range(layout.frames))


def _check_unchanged(stream: BinaryIO, layout: PixelLayout) -> None:
    """See that the file is the one that was planned; of a deflated one the layout knows the inflated size only."""
    resized = byte_size(stream) != layout.file_bytes and not TRANSFER_SYNTAXES[layout.transfer_syntax].deflated
    if resized or stamp_of(stream).mtime_ns != layout.file_mtime_ns:
        raise DecodeFault("E_FILE_CHANGED")


def _from_native(data: bytes, layout: PixelLayout) -> Stored:
    if len(data) < _frame_bytes(layout):
        raise DecodeFault("truncated", _frame_bytes(layout) - len(data))
    little = TRANSFER_SYNTAXES[layout.transfer_syntax].little_endian
    words = np.frombuffer(data, "<u2" if little else ">u2").astype(np.uint16, copy=False)
    # native words hold the value below their high bit
    return _extended(words, layout, 15 - (layout.high_bit if layout.high_bit is not None else 15))


def _from_frame(frame: bytes, layout: PixelLayout) -> Stored:
    from .decode_frame import decode_frame  # the decoders are loaded only where they are needed

    values = decode_frame(frame, layout)
    # a codestream holds the value itself, in the lowest bits
    return _extended(values.astype(_kind(layout), copy=False), layout, 16 - (layout.bits_stored or 16))


def _kind(layout: PixelLayout) -> np.dtype[Any]:
    return np.dtype(np.int16 if layout.signed else np.uint16)


def _extended(words: npt.NDArray[Any], layout: PixelLayout, up: int) -> Stored:
    values: Stored = words.reshape(layout.rows or 0, layout.columns or 0).view(_kind(layout))
    bits = layout.bits_stored or 16
    if bits == 16:
        return values
    shifted: Stored = np.left_shift(values, up)
    shifted >>= 16 - bits
    return shifted
