"""Pixel data, copied without being decoded."""

from __future__ import annotations

import itertools
import struct

from pydicom.dataset import Dataset

from ..ingest.header.parse_values import parse_integer, parse_unsigned
from ..ingest.header.transfer_syntaxes import TransferSyntax
from ..ingest.ingest_error import IngestError
from ..ingest.pixels.split_fragments import split_fragments
from .clean_frame import clean_frame
from .clean_value import swap_bytes
from .elements import Element, tag_of
from .mask_words import mask_words
from .stored_value import stored_bytes, stored_value

PIXEL_DATA = tag_of("PixelData")
_ITEM_HEAD_BYTES = 8


def pixel_element(ds: Dataset, syntax: TransferSyntax) -> Element | None:
    """Give the pixel data in little endian order or as their fragments; None where the object has none.

    Bytes behind the last voxel or the end of a compressed frame are not copied: nobody knows what they are. Each
    compressed frame becomes one fragment, and the offset table is made anew.

    Raises
    ------
    IngestError
        ``E_PIXEL_LENGTH``, ``E_PIXEL_FORMAT``, ``E_TRUNCATED`` or ``E_DECODE``.
    """
    stored = stored_value(ds, PIXEL_DATA)
    if stored is None:
        return None
    undefined = getattr(ds.get_item(PIXEL_DATA), "length", 0) == 0xFFFFFFFF
    if syntax.encapsulated != undefined:
        raise IngestError("E_PIXEL_FORMAT", "(native and encapsulated pixel data mixed up)")
    if syntax.encapsulated:
        return Element("OB", fragments=_fragments(ds, stored.value, syntax))
    return Element(stored.vr, _native(ds, *stored, syntax.little_endian))


def _native(ds: Dataset, vr: str, value: bytes, little: bool) -> bytes:
    bits = _unsigned(ds, "BitsAllocated", little)
    voxels = _frames(ds)
    for keyword in ("Rows", "Columns", "SamplesPerPixel"):
        voxels *= _unsigned(ds, keyword, little)
    expected = (voxels * bits + 7) // 8
    if bits not in (1, 8, 16):
        raise IngestError("E_PIXEL_FORMAT", f"({bits} bits allocated)")
    if not little and vr == "OW" and len(value) % 2 == 0:
        value = swap_bytes(value, 2)
    if not expected or len(value) < expected:
        raise IngestError("E_PIXEL_LENGTH", f"({len(value)} bytes, expected {expected})")
    value = value[:expected]
    if bits != 16:
        return value
    signed = bool(_unsigned(ds, "PixelRepresentation", little))
    return mask_words(value, _unsigned(ds, "BitsStored", little), _unsigned(ds, "HighBit", little), signed)


def _unsigned(ds: Dataset, keyword: str, little: bool) -> int:
    return parse_unsigned(stored_bytes(ds, tag_of(keyword)), little) or 0


def _frames(ds: Dataset) -> int:
    value = stored_bytes(ds, tag_of("NumberOfFrames"))
    return max(0, parse_integer(value) or 0) if value else 1


def _fragments(ds: Dataset, value: bytes, syntax: TransferSyntax) -> tuple[bytes, ...]:
    """Offset table, empty for a single frame, and one fragment of even length per frame (PS3.5 A.4)."""
    plane_bytes = _unsigned(ds, "Rows", syntax.little_endian) * _unsigned(ds, "Columns", syntax.little_endian)
    frames = [clean_frame(frame, syntax, plane_bytes) for frame in split_fragments(value, _frames(ds))]
    if len(frames) == 1:
        return b"", *frames
    lengths = [_ITEM_HEAD_BYTES + len(frame) + len(frame) % 2 for frame in frames]
    starts = itertools.accumulate(lengths[:-1], initial=0)
    return struct.pack(f"<{len(frames)}L", *starts), *frames
