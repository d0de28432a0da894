"""A data set as it is written: plain values, ready to encode."""

from __future__ import annotations

from typing import NamedTuple

from pydicom.datadict import dictionary_VR, tag_for_keyword


class Element(NamedTuple):
    """VR, and the little endian bytes of the value or the items of a sequence.

    ``fragments`` holds encapsulated pixel data (offset table first) where there are any.
    """

    vr: str
    value: bytes = b""
    items: tuple[Elements, ...] = ()
    fragments: tuple[bytes, ...] = ()


Elements = dict[int, Element]


def tag_of(keyword: str) -> int:
    """Tag of a keyword of the standard."""
    tag: int | None = tag_for_keyword(keyword)
    assert tag is not None, keyword
    return tag


def text_element(keyword: str, text: str = "") -> tuple[int, Element]:
    r"""Give tag and element of an ASCII text (values parted by ``\``) or, where empty, of any VR."""
    return tag_of(keyword), Element(dictionary_VR(tag_of(keyword)), text.encode("ascii"))


def items_element(keyword: str, *items: Elements) -> tuple[int, Element]:
    """Give tag and element of a sequence."""
    return tag_of(keyword), Element("SQ", items=items)
