"""A data set under the allow-list, item by item."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydicom.dataset import Dataset

from ..ingest.header.parse_values import parse_unsigned
from .allow_list import Rule
from .body_parts import BODY_PARTS
from .clean_code import clean_code, code_of
from .clean_terms import TERMS, clean_terms
from .clean_value import clean_value
from .elements import Element, Elements, tag_of
from .pseudonyms import Pseudonyms
from .shift_moment import DUMMIES, shift_moment
from .stored_value import stored_items, stored_text, stored_value

_CONCEPT, _TEXT = tag_of("ConceptNameCodeSequence"), tag_of("TextValue")
_AGE = tag_of("PatientAge")
_VALUES = {
    tag_of("BodyPartExamined"): BODY_PARTS,
    tag_of("PatientSex"): frozenset(("", "M", "F", "O")),
    tag_of("AnatomicalOrientationType"): frozenset(("", "BIPED", "QUADRUPED")),
}
_NUMBER_OF = {
    tag_of("SegmentLabel"): (b"Segment", tag_of("SegmentNumber")),
    tag_of("ROIName"): (b"ROI", tag_of("ROINumber")),
}
# type 1 in reports, segmentations or enhanced images; content items would be void without
_MUST_STAND = frozenset(
    tag_of(keyword)
    for keyword in (
        *("ContentDate", "ContentTime", "AcquisitionDateTime", "FrameAcquisitionDateTime", "FrameReferenceDateTime"),
        *("Date", "Time", "DateTime"),
    )
)
# type 1 in segmentations and enhanced images
_EQUIPMENT = frozenset(
    tag_of(keyword) for keyword in ("Manufacturer", "ManufacturerModelName", "DeviceSerialNumber", "SoftwareVersions")
)
_DESCRIBED = frozenset(
    tag_of(keyword)
    for keyword in ("Manufacturer", "ManufacturerModelName", "SoftwareVersions", "FilterType", "ImageFilter")
)
_LONG_NUMBER = re.compile(rb"\d{6}")  # a serial number or a part of a UID, not of a version
_TRACKING_IDENTIFIER = ("DCM", "112039")
# who the report is about (TID 1007): identity and characteristics
_SUBJECT_CODES = {
    "DCM": ["121118", *(str(code) for code in range(121028, 121037))],
    "LN": ["30525-0", "8302-2", "3137-7", "29463-7", "3141-9", "21112-8", "46098-0"],
    "SCT": ["424144002", "50373000", "27113001", "364075005", "397669002", "263495000", "184099003"],
}
_SUBJECT = frozenset((scheme, code) for scheme, codes in _SUBJECT_CODES.items() for code in codes)
_OLDEST = 89  # years: older patients are few enough to be known by their age


@dataclass(frozen=True)
class Context:
    """What holds for the whole of one object; ``offset_days`` is None where dates are removed."""

    rules: Mapping[int, Rule]
    names: Pseudonyms
    offset_days: int | None
    little: bool
    signed: bool


def clean_dataset(ds: Dataset, context: Context) -> Elements:
    """Give the elements that get through, in their new form, without the pixel data.

    Raises
    ------
    IngestError
        What the parser finds wrong in a sequence.
    """
    cleaned: Elements = {}
    for tag in sorted(int(tag) for tag in ds.keys() if int(tag) in context.rules):  # noqa: SIM118 - no values read
        rule = context.rules[tag]
        stored = None if rule is Rule.PIXELS else stored_value(ds, tag, context.signed)
        element = None if stored is None else _clean(ds, tag, rule, *stored, context)
        if element is not None:
            cleaned[tag] = element
    return cleaned


def _clean(ds: Dataset, tag: int, rule: Rule, vr: str, value: bytes, context: Context) -> Element | None:
    if vr == "SQ":
        return Element("SQ", items=_clean_items(rule, stored_items(ds, tag), context))
    if rule is Rule.KEEP:
        if tag in TERMS:
            return Element(vr, clean_terms(tag, value, context.names))
        kept = clean_value(vr, value, context.little)
        if kept is None or not _is_told(tag, kept):
            return Element(vr, b"REMOVED") if tag in _EQUIPMENT else None
        return Element(vr, _cap_age(kept) if tag == _AGE else kept)
    text = value.decode("latin-1").strip(" \0")
    if rule is Rule.MOMENT:
        moved = shift_moment(vr, text, context.offset_days)
        return Element(vr, (moved or (DUMMIES[vr] if tag in _MUST_STAND else "")).encode()) if text else Element(vr)
    return Element(vr, _replace(ds, tag, rule, text, context))


def _is_told(tag: int, value: bytes) -> bool:
    if tag in _DESCRIBED:
        return not _LONG_NUMBER.search(value)
    return tag not in _VALUES or value.decode("latin-1") in _VALUES[tag]


def _clean_items(rule: Rule, items: tuple[Dataset, ...], context: Context) -> tuple[Elements, ...]:
    if rule is Rule.EMPTY:
        return ()
    if rule is Rule.CODES:
        return tuple(clean_code(item, context.names) for item in items)
    if rule is Rule.CONTENT:
        return tuple(_clean_content(item, context) for item in items if _concept(item) not in _SUBJECT)
    return tuple(clean_dataset(item, context) for item in items)


def _replace(ds: Dataset, tag: int, rule: Rule, text: str, context: Context) -> bytes:
    if rule is Rule.UID:
        return "\\".join(context.names.uid(part.strip(" \0")) if part else "" for part in text.split("\\")).encode()
    if rule is Rule.TOKEN and text:
        return context.names.token("tracking", text).encode()
    if rule is Rule.LABEL:
        word, number = _NUMBER_OF[tag]
        return word + b" " + _number(ds, number, context)
    return b"REMOVED" if rule is Rule.REMOVED else b""


def _number(ds: Dataset, tag: int, context: Context) -> bytes:
    """Give the number of a segment (US) or ROI (IS) in digits."""
    stored = stored_value(ds, tag)
    if stored is not None and stored.vr == "US":
        return b"%d" % (parse_unsigned(stored.value, context.little) or 0)
    text = stored_text(ds, tag)
    return text.encode() if text.isascii() and text.isdecimal() and len(text) <= 10 else b"0"


def _concept(item: Dataset) -> tuple[str, str]:
    codes = stored_items(item, _CONCEPT)
    return code_of(codes[0]) if codes else ("", "")


def _clean_content(item: Dataset, context: Context) -> Elements:
    """Clean one content item; the text that tracks a finding through a report becomes a token."""
    cleaned = clean_dataset(item, context)
    if _TEXT in cleaned and _concept(item) == _TRACKING_IDENTIFIER:
        token = context.names.token("tracking", stored_text(item, _TEXT))
        cleaned[_TEXT] = Element("UT", token.encode())
    return cleaned


def _cap_age(ages: bytes) -> bytes:
    return b"\\".join(b"090Y" if age[3:] == b"Y" and int(age[:3]) > _OLDEST else age for age in ages.split(b"\\"))
