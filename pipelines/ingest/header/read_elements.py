"""The elements of a data set up to its pixel data."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from ..ingest_error import IngestError
from .element_walk import ElementWalk, EndOfBytesError, Place
from .inflate import inflate
from .read_meta import FileMeta
from .transfer_syntaxes import TransferSyntax

FIRST_CHUNK_BYTES = 32 * 2**10  # holds the whole header of nearly every CT slice
MAX_HEADER_BYTES = 64 * 2**20  # private blobs reach megabytes, enhanced headers some more

_GROWTH = 8
_MAX_VALUE_BYTES = 64 * 2**10  # of what is asked for, nothing is longer than a name
_PIXEL_DATA = 0x7FE00010
_GROUPS = frozenset({0x0008, 0x0010, 0x0018, 0x0020, 0x0028, 0x5200})  # where all that is asked for stands


@dataclass(frozen=True)
class Elements:
    """Places of the elements by tag, and where the value of the pixel data lies.

    ``pixel_offset`` is -1 without pixel data, ``pixel_length`` is -1 where undefined; ``total_bytes`` is the size of
    the file (of the inflated stream for a deflated one).
    """

    by_tag: Mapping[int, Place]
    pixel_offset: int
    pixel_length: int
    total_bytes: int
    walk: ElementWalk = field(repr=False)

    def raw(self, tag: int) -> bytes | None:
        """Bytes of a value, the first of a long one; None where the element is absent, b"" where it is empty."""
        return self.raw_at(self.by_tag.get(tag))

    def raw_at(self, place: Place | None) -> bytes | None:
        """Bytes at a place inside of a sequence; see :meth:`raw`."""
        return None if place is None else self.walk.data[place.start : min(place.end, place.start + _MAX_VALUE_BYTES)]

    def items(self, tag: int, keep: Container[int], at_most: int) -> tuple[Mapping[int, Place], ...]:
        """Give the items of a sequence, each as those of its elements that are in ``keep``; () where it is absent.

        Raises
        ------
        IngestError
            As :func:`read_elements` does; ``E_BAD_HEADER`` where there are more than ``at_most``.
        """
        place = self.by_tag.get(tag)
        return () if place is None else self.items_at(place, keep, at_most)

    def items_at(self, place: Place, keep: Container[int], at_most: int) -> tuple[Mapping[int, Place], ...]:
        """Give the items of the sequence at a place inside of another one; see :meth:`items`."""
        found: list[Mapping[int, Place]] = []
        try:
            for item in self.walk.items(place):
                if len(found) == at_most:
                    raise IngestError("E_BAD_HEADER", f"(more than {at_most} items in a sequence)")
                found.append({tag: inner for tag, inner in self.walk.elements(item) if tag in keep})
        except EndOfBytesError:
            raise IngestError("E_BAD_HEADER", "(an element is longer than its sequence)") from None
        return tuple(found)


def read_elements(stream: BinaryIO, size: int, meta: FileMeta, syntax: TransferSyntax) -> Elements:
    """Parse a data set in growing chunks: a lying length cannot ask for more memory than the file has bytes.

    Raises
    ------
    IngestError
        ``E_NESTING``, ``E_BAD_HEADER``, ``E_INFLATE_LIMIT``, ``E_TOO_LARGE``, or ``E_TRUNCATED`` where an element
        is longer than the file.
    """
    if syntax.deflated:
        stream.seek(meta.dataset_offset)
        data = inflate(stream.read())
        elements = _parse(data, 0, syntax, len(data))
        if elements is None:
            raise IngestError("E_TRUNCATED", "(in the header)")
        return elements
    chunk = FIRST_CHUNK_BYTES
    while True:
        stream.seek(0)
        data = stream.read(chunk)
        elements = _parse(data, meta.dataset_offset, syntax, size)
        if elements is not None and (elements.pixel_offset >= 0 or len(data) >= size):
            return elements
        if len(data) >= size:
            raise IngestError("E_TRUNCATED", "(in the header)")
        if chunk >= MAX_HEADER_BYTES:
            raise IngestError("E_TOO_LARGE", f"(no pixel data in the first {MAX_HEADER_BYTES} bytes)")
        chunk = min(chunk * _GROWTH, MAX_HEADER_BYTES)


def _parse(data: bytes, offset: int, syntax: TransferSyntax, total_bytes: int) -> Elements | None:
    """Walk over the elements; None where the bytes end inside one."""
    walk = ElementWalk(data, syntax.little_endian)
    implicit = not _looks_explicit(data[offset : offset + 6])
    by_tag: dict[int, Place] = {}
    pixel_offset = pixel_length = -1
    try:
        for tag, place in walk.elements(Place(offset, len(data), implicit), _PIXEL_DATA):
            if tag == _PIXEL_DATA:
                pixel_offset = place.start
                pixel_length = place.end - place.start if place.end >= 0 else -1
            elif tag >> 16 in _GROUPS:
                if tag in by_tag:
                    raise IngestError("E_BAD_HEADER", "(an element occurs twice)")
                by_tag[tag] = place
    except EndOfBytesError:
        return None
    return Elements(by_tag, pixel_offset, pixel_length, total_bytes, walk)


def _looks_explicit(start: bytes) -> bool:
    """Whether the first element carries a VR: some writers declare one coding and use the other."""
    return len(start) == 6 and all(0x41 <= byte <= 0x5A for byte in start[4:6])
