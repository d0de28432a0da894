"""An XML file of the LIDC release to what its readers marked."""

from __future__ import annotations

import math
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import numpy as np

from ...ingest.ingest_error import IngestError
from .parse_xml import UnsafeXml, parse_xml
from .reading import Contour, Mark, Outline, Pixel, Reading

RADIOGRAPH_ROOT = "IdriReadMessage"
CT_ROOT = "LidcReadMessage"
_MOST_READERS = 8
"""Bits of a mask; one file of the release holds two readings of four."""
_LARGEST_PIXEL = 2**15
_HIGHEST_SCORE = 6
"""Calcification and internal structure go further than 5; 0 stands where nobody rated."""


def parse_reading(data: bytes) -> Reading | None:
    """Read what the readers of a CT marked; None for the reading of a chest radiograph, which holds no contours.

    A nodule of one pixel in all is a mark (below 3 mm), any other an outline (3 mm or more), as the collection defines
    them (McNitt-Gray et al., Acad Radiol 14 (2007) 1464-1474).

    Raises
    ------
    IngestError
        ``E_LABEL_UNREADABLE`` where this is no safe XML of LIDC; ``E_LABEL_VALUE`` where a number is missing or wrong.
    """
    try:
        root = parse_xml(data)
    except UnsafeXml as error:
        raise IngestError("E_LABEL_UNREADABLE", f"({error})") from None
    if root.tag == RADIOGRAPH_ROOT:
        return None
    sessions = root.findall("readingSession")
    uid = _text(root, "ResponseHeader/SeriesInstanceUid")
    if root.tag != CT_ROOT or not uid or not 0 < len(sessions) <= _MOST_READERS:
        raise IngestError("E_LABEL_UNREADABLE", f"(it is no reading of one series by 1 to {_MOST_READERS} readers)")
    outlines = tuple(outline for reader, session in enumerate(sessions) for outline in _outlines(reader, session))
    marks = tuple(mark for reader, session in enumerate(sessions) for mark in _marks(reader, session))
    return Reading(uid, len(sessions), outlines, marks)


def _outlines(reader: int, session: Element) -> Iterator[Outline]:
    for nodule in session.findall("unblindedReadNodule"):
        if not _is_mark(nodule):
            contours = tuple(_contour(roi) for roi in nodule.findall("roi") if roi.find("edgeMap") is not None)
            yield Outline(reader, contours, _ratings(nodule))


def _marks(reader: int, session: Element) -> Iterator[Mark]:
    for nodule in session.findall("unblindedReadNodule"):
        if _is_mark(nodule):
            roi = next(roi for roi in nodule.findall("roi") if roi.find("edgeMap") is not None)
            pixel = _pixel(next(roi.iter("edgeMap")))
            yield Mark(reader, True, _text(roi, "imageSOP_UID"), _number(roi, "imageZposition"), pixel)
    for place in session.findall("nonNodule"):
        locus = place.find("locus")
        if locus is None:
            raise IngestError("E_LABEL_VALUE", "(locus of a nonNodule)")
        yield Mark(reader, False, _text(place, "imageSOP_UID"), _number(place, "imageZposition"), _pixel(locus))


def _is_mark(nodule: Element) -> bool:
    return sum(1 for _ in nodule.iter("edgeMap")) == 1


def _contour(roi: Element) -> Contour:
    points = np.array([_pixel(edge) for edge in roi.findall("edgeMap")], dtype=np.int32)
    inclusion = _text(roi, "inclusion").upper()
    if inclusion not in ("TRUE", "FALSE"):
        raise IngestError("E_LABEL_VALUE", "(inclusion)")
    return Contour(_text(roi, "imageSOP_UID"), _number(roi, "imageZposition"), inclusion == "TRUE", points)


def _ratings(nodule: Element) -> dict[str, int]:
    ratings = {}
    for item in nodule.findall("characteristics/*"):
        try:
            score = int(item.text or "")
        except ValueError:
            raise IngestError("E_LABEL_VALUE", "(characteristics)") from None
        if not 0 <= score <= _HIGHEST_SCORE:
            raise IngestError("E_LABEL_VALUE", "(characteristics)")
        if score:
            ratings[item.tag] = score
    return ratings


def _pixel(place: Element) -> Pixel:
    i, j = (_number(place, name) for name in ("xCoord", "yCoord"))
    if not (i.is_integer() and j.is_integer() and 0 <= i < _LARGEST_PIXEL and 0 <= j < _LARGEST_PIXEL):
        raise IngestError("E_LABEL_VALUE", "(a pixel coordinate)")
    return int(i), int(j)


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _number(element: Element, path: str) -> float:
    try:
        number = float(_text(element, path))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise IngestError("E_LABEL_VALUE", f"({path})")
    return number
