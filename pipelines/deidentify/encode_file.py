"""Elements to the bytes of a DICOM file, explicit little endian."""

from __future__ import annotations

import struct

from .elements import Element, Elements, text_element
from .stored_value import MAX_SHORT

_LONG_VRS = frozenset(("OB", "OW", "SQ", "UC", "UN", "UR", "UT"))  # of those that are written
_NULL_PADDED = frozenset(("UI", "OB", "OW"))
_UNDEFINED = 0xFFFFFFFF
_ITEM, _END = (struct.pack("<HH", 0xFFFE, element) for element in (0xE000, 0xE0DD))

IMPLEMENTATION_CLASS_UID = "2.25.172228338852212503256170684245690995439"
IMPLEMENTATION_VERSION = "RESMTNET_DEID"


def encode_file(elements: Elements, sop_class: str, sop_instance: str, transfer_syntax: str) -> bytes:
    """Encode preamble (zeros), file meta information and data set (PS3.10 section 7)."""
    meta = dict(
        (
            text_element("MediaStorageSOPClassUID", sop_class),
            text_element("MediaStorageSOPInstanceUID", sop_instance),
            text_element("TransferSyntaxUID", transfer_syntax),
            text_element("ImplementationClassUID", IMPLEMENTATION_CLASS_UID),
            text_element("ImplementationVersionName", IMPLEMENTATION_VERSION),
        )
    )
    group = _encode(0x00020001, Element("OB", b"\0\1")) + encode_elements(meta)
    length = _encode(0x00020000, Element("UL", struct.pack("<L", len(group))))
    return b"".join((bytes(128), b"DICM", length, group, encode_elements(elements)))


def encode_elements(elements: Elements) -> bytes:
    """Encode the elements of a data set in the order of their tags."""
    return b"".join(_encode(tag, elements[tag]) for tag in sorted(elements))


def _encode(tag: int, element: Element) -> bytes:
    value, length = _value(element)
    vr = "UN" if element.vr not in _LONG_VRS and len(value) > MAX_SHORT else element.vr
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode())
    return head + (struct.pack("<HL", 0, length) if vr in _LONG_VRS else struct.pack("<H", length)) + value


def _value(element: Element) -> tuple[bytes, int]:
    if element.fragments:
        parts = (_item(fragment + b"\0" * (len(fragment) % 2)) for fragment in element.fragments)
        return b"".join((*parts, _END, bytes(4))), _UNDEFINED
    if element.vr == "SQ":
        value = b"".join(_item(encode_elements(item)) for item in element.items)
        return value, len(value)
    pad = b"\0" if element.vr in _NULL_PADDED else b" "
    value = element.value + pad * (len(element.value) % 2)
    return value, len(value)


def _item(body: bytes) -> bytes:
    return _ITEM + struct.pack("<L", len(body)) + body
