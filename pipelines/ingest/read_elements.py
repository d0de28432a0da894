"""The raw elements of a data set up to its pixel data."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from pydicom.filereader import data_element_generator

from .inflate import inflate
from .ingest_error import IngestError
from .read_meta import FileMeta
from .transfer_syntaxes import TransferSyntax

FIRST_CHUNK_BYTES = 32 * 2**10  # holds the whole header of nearly every CT slice
MAX_HEADER_BYTES = 64 * 2**20  # private blobs reach megabytes, enhanced headers some more

_PIXEL_DATA = 0x7FE00010
_UNDEFINED = 0xFFFFFFFF


@dataclass(frozen=True)
class Elements:
    """Raw elements by tag, and where the value of the pixel data lies.

    ``pixel_offset`` is -1 without pixel data, ``pixel_length`` is -1 where undefined; ``total_bytes`` is the size of
    the file (of the inflated stream for a deflated one).
    """

    by_tag: Mapping[int, Any]
    pixel_offset: int
    pixel_length: int
    total_bytes: int

    def raw(self, tag: int) -> bytes | None:
        """Bytes of a value; None where the element is absent, b"" where it is empty or a sequence."""
        if tag not in self.by_tag:
            return None
        value = self.by_tag[tag].value
        return value if isinstance(value, bytes) else b""


def read_elements(stream: BinaryIO, size: int, meta: FileMeta, syntax: TransferSyntax) -> Elements:
    """Parse a data set in growing chunks: a lying length cannot ask for more memory than the file has bytes.

    Raises
    ------
    IngestError
        ``E_NESTING``, ``E_BAD_HEADER``, ``E_INFLATE_LIMIT`` or ``E_TOO_LARGE``.
    """
    if syntax.deflated:
        stream.seek(meta.dataset_offset)
        return _parse(inflate(stream.read()), 0, syntax)
    chunk = FIRST_CHUNK_BYTES
    while chunk < MAX_HEADER_BYTES:
        stream.seek(0)
        data = stream.read(chunk)
        try:
            elements = _parse(data, meta.dataset_offset, syntax)
        except IngestError:
            if len(data) >= size:
                raise
        else:
            if elements.pixel_offset >= 0 or len(data) >= size:
                return Elements(elements.by_tag, elements.pixel_offset, elements.pixel_length, size)
        chunk *= 8
    raise IngestError("E_TOO_LARGE", f"(no pixel data in the first {MAX_HEADER_BYTES} bytes)")


def _parse(data: bytes, offset: int, syntax: TransferSyntax) -> Elements:
    stream = io.BytesIO(data)
    stream.seek(offset)
    pixels = [-1, -1]

    def at_pixels(tag: int, vr: str | None, length: int) -> bool:
        if tag == _PIXEL_DATA:
            pixels[:] = stream.tell(), -1 if length == _UNDEFINED else length
        return tag >> 16 >= 0x7FE0  # nothing behind the pixel data is needed

    try:
        implicit = not _looks_explicit(data[offset : offset + 6])
        generator = data_element_generator(stream, implicit, syntax.little_endian, at_pixels)
        by_tag = {int(element.tag): element for element in generator}
    except RecursionError:
        raise IngestError("E_NESTING") from None
    except (OSError, EOFError, ValueError, LookupError, NotImplementedError, struct.error, TypeError) as error:
        raise IngestError("E_BAD_HEADER", f"({type(error).__name__})") from None
    return Elements(by_tag, pixels[0], pixels[1], len(data))


def _looks_explicit(start: bytes) -> bool:
    """Whether the first element carries a VR: some writers declare one coding and use the other."""
    return len(start) == 6 and all(0x41 <= byte <= 0x5A for byte in start[4:6])
