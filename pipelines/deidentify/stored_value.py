"""The stored form of one element, where it is what the standard says it should be."""

from __future__ import annotations

import struct
from typing import NamedTuple

from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.values import convert_value

from ..ingest.ingest_error import IngestError

_UNDEFINED = 0xFFFFFFFF
MAX_SHORT = 0xFFFE
"""Longest value that a VR with 16 bits of length takes; beyond it the standard writes UN (PS3.5 6.2.2)."""


class Stored(NamedTuple):
    """VR and bytes as stored; empty bytes for a sequence, whose items :func:`stored_items` gives."""

    vr: str
    value: bytes


def stored_value(ds: Dataset, tag: int, signed: bool = False) -> Stored | None:
    """Give VR and stored bytes; None where the attribute is absent or has a VR that is not its own.

    ``signed`` decides between US and SS where the data set does not say.

    Raises
    ------
    IngestError
        ``E_TRUNCATED`` where the file ends inside the value.
    """
    if tag not in ds:
        return None
    element, expected = ds.get_item(tag, keep_deferred=True), dictionary_VR(tag)
    vr = element.VR or expected
    value = element.value if element.value is not None else b""
    if expected == "SQ":
        return Stored("SQ", b"") if vr in ("SQ", "UN") else None
    if not isinstance(value, bytes):
        return None
    if getattr(element, "length", _UNDEFINED) not in (_UNDEFINED, len(value)):
        raise IngestError("E_TRUNCATED")
    if vr == "UN":  # long, or passed on by a system that did not know the attribute (PS3.5 6.2.2)
        vr = expected
    vr = {"US or SS": "SS" if signed else "US", "OB or OW": "OW"}.get(vr, vr)
    return Stored(vr, value) if vr in expected.split(" or ") else None


def stored_items(ds: Dataset, tag: int) -> tuple[Dataset, ...]:
    """Give the items of a sequence; none where it is absent or no sequence.

    Raises
    ------
    IngestError
        ``E_BAD_HEADER`` where they cannot be parsed.
    """
    stored = stored_value(ds, tag)
    if stored is None or stored.vr != "SQ":
        return ()
    try:
        element = ds.get_item(tag, keep_deferred=True)
        if element.VR == "UN":
            element = element._replace(is_implicit_VR=True, is_little_endian=True)
        # not by ds[tag], which turns PixelRepresentation beside the sequence into a number
        items = convert_value("SQ", element) if isinstance(element.value, bytes) else element.value
        return tuple(items or ())
    except (OSError, EOFError, ValueError, LookupError, NotImplementedError, struct.error, TypeError) as error:
        raise IngestError("E_BAD_HEADER", f"({type(error).__name__})") from None


def stored_bytes(ds: Dataset, tag: int) -> bytes | None:
    """Give the stored bytes, None where the attribute is absent."""
    stored = stored_value(ds, tag)
    return None if stored is None else stored.value


def stored_texts(ds: Dataset, tag: int) -> tuple[str, ...]:
    """Values of a text attribute without their padding."""
    text = (stored_bytes(ds, tag) or b"").decode("latin-1")
    return tuple(part.strip(" \0\t\r\n") for part in text.split("\\"))


def stored_text(ds: Dataset, tag: int) -> str:
    """First value of a text attribute, empty where there is none."""
    return stored_texts(ds, tag)[0]
