"""The elements of a data set as places in its bytes, found without recursion and within bounds (DICOM PS3.5 7.1)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from ..ingest_error import IngestError

MAX_ELEMENTS = 2_000_000  # elements and items; an enhanced file has about 100 per frame, an image file some hundreds
MAX_DEPTH = 64  # sequences inside sequences; honest files have fewer than 10

_LONG_VRS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF


class EndOfBytesError(Exception):
    """The bytes end inside an element: there is more to read, or the file lies."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: ``start`` and ``end`` in the bytes, and whether what is inside of it has no VR.

    ``end`` is -1 where the walk stopped at a value of undefined length.
    """

    start: int
    end: int
    implicit: bool


class ElementWalk:
    """One walk over the bytes of a data set; a budget of elements is shared by all that is asked of it.

    What is skipped costs a step of the budget and no memory: neither nesting nor a million items can be felt.
    """

    def __init__(self, data: bytes, little_endian: bool) -> None:
        order = "<" if little_endian else ">"
        self.data = data
        self._tag_and_length = struct.Struct(f"{order}HHI").unpack_from
        self._long = struct.Struct(f"{order}I").unpack_from
        self._short = struct.Struct(f"{order}H").unpack_from
        self._left = MAX_ELEMENTS

    def elements(self, place: Place, stop_at: int | None = None) -> Iterator[tuple[int, Place]]:
        """Yield tag and place of every element inside; the first from tag ``stop_at`` on is the last.

        Raises
        ------
        IngestError
            ``E_NESTING``, ``E_TOO_LARGE`` or ``E_BAD_HEADER``.
        EndOfBytesError
        """
        at = place.start
        while at < place.end:
            tag, implicit, start, length = self._header(at, place.end, place.implicit)
            if stop_at is not None and tag >= stop_at:
                yield tag, Place(start, -1 if length == _UNDEFINED else start + length, implicit)
                return
            if tag >= _ITEM:
                raise IngestError("E_BAD_HEADER", "(items and delimiters do not match)")
            end, at = self._extent(start, length, place.end, implicit)
            yield tag, Place(start, end, implicit)

    def items(self, sequence: Place) -> Iterator[Place]:
        """Yield the place of every item of a sequence; raises as :meth:`elements` does."""
        at = sequence.start
        while at < sequence.end:
            tag, _, start, length = self._header(at, sequence.end, True)
            if tag != _ITEM:
                raise IngestError("E_BAD_HEADER", "(no item in a sequence)")
            if length == _UNDEFINED:
                end, at = self._skip(start, sequence.end, [(False, sequence.implicit)])
            else:
                end = at = self._end(start, length, sequence.end)
            yield Place(start, end, sequence.implicit)

    def _header(self, at: int, limit: int, implicit: bool) -> tuple[int, bool, int, int]:
        """Give tag, whether what is inside has no VR, start and length of the value."""
        limit = min(limit, len(self.data))  # what the walk stopped at may end beyond
        if at + 8 > limit:
            raise EndOfBytesError
        self._left -= 1
        if self._left < 0:
            raise IngestError("E_TOO_LARGE", f"(more than {MAX_ELEMENTS} elements)")
        group, element, length = self._tag_and_length(self.data, at)
        vr = self.data[at + 4 : at + 6]
        # items have no VR, and some writers leave it out of single elements
        if implicit or group == 0xFFFE or not (0x41 <= vr[0] <= 0x5A and 0x41 <= vr[1] <= 0x5A):
            return group << 16 | element, implicit or group != 0xFFFE, at + 8, length
        if vr not in _LONG_VRS:
            return group << 16 | element, False, at + 8, self._short(self.data, at + 6)[0]
        if at + 12 > limit:
            raise EndOfBytesError
        # a sequence of unknown VR is coded without VRs (PS3.5 6.2.2)
        return group << 16 | element, vr == b"UN", at + 12, self._long(self.data, at + 8)[0]

    def _extent(self, start: int, length: int, limit: int, implicit: bool) -> tuple[int, int]:
        """Give the end of a value and the start of what follows it."""
        if length == _UNDEFINED:
            return self._skip(start, limit, [(True, implicit)])
        end = self._end(start, length, limit)
        return end, end

    def _end(self, start: int, length: int, limit: int) -> int:
        if start + length > min(limit, len(self.data)):
            raise EndOfBytesError
        return start + length

    def _skip(self, at: int, limit: int, opened: list[tuple[bool, bool]]) -> tuple[int, int]:
        """Pass over what is ``opened``, pairs of (is a sequence, has no VRs), innermost last, up to its delimiter."""
        end = at
        while opened:
            is_sequence, implicit = opened[-1]
            tag, inside, start, length = self._header(at, limit, implicit)
            if tag == (_SEQUENCE_END if is_sequence else _ITEM_END):
                opened.pop()
                end, at = at, start
            elif is_sequence != (tag == _ITEM) or tag in (_SEQUENCE_END, _ITEM_END):
                raise IngestError("E_BAD_HEADER", "(items and delimiters do not match)")
            elif length == _UNDEFINED:
                opened.append((not is_sequence, implicit if is_sequence else inside))
                if len(opened) > 2 * MAX_DEPTH:
                    raise IngestError("E_NESTING", f"(more than {MAX_DEPTH} deep)")
                at = start
            else:
                at = self._end(start, length, limit)
        return end, at
