"""A data set under the allow-list, item by item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydicom.dataset import Dataset

from ..ingest.header.parse_values import parse_unsigned
from .allow_list import Rule
from .clean_code import clean_code
from .elements import Element, Elements, tag_of
from .keep_value import keep_value
from .pseudonyms import Pseudonyms
from .report_subject import concept_of, is_about_subject
from .shift_moment import DUMMIES, shift_moment
from .stored_value import stored_items, stored_text, stored_value

_TEXT, _POSITION = tag_of("TextValue"), tag_of("ReferencedContentItemIdentifier")
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
_TRACKING_IDENTIFIER = ("DCM", "112039")


@dataclass(frozen=True)
class Context:
    """What holds for the whole of one object; ``offset_days`` is None where dates are removed.

    ``has_subject`` says that content items will go, which moves the places that references by position count.
    """

    rules: Mapping[int, Rule]
    names: Pseudonyms
    offset_days: int | None
    little: bool
    signed: bool
    has_subject: bool = False


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
        return keep_value(tag, vr, value, context.names, context.little)
    text = value.decode("latin-1").strip(" \0")
    if rule is Rule.MOMENT:
        moved = shift_moment(vr, text, context.offset_days)
        return Element(vr, (moved or (DUMMIES[vr] if tag in _MUST_STAND else "")).encode()) if text else Element(vr)
    return Element(vr, _replace(ds, tag, rule, text, context))


def _clean_items(rule: Rule, items: tuple[Dataset, ...], context: Context) -> tuple[Elements, ...]:
    if rule is Rule.EMPTY:
        return ()
    if rule is Rule.CODES:
        return tuple(clean_code(item, context.names) for item in items)
    if rule is Rule.CONTENT:
        return tuple(_clean_content(item, context) for item in items if _stays(item, context))
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


def _stays(item: Dataset, context: Context) -> bool:
    return not is_about_subject(item) and not (context.has_subject and _POSITION in item)


def _clean_content(item: Dataset, context: Context) -> Elements:
    """Clean one content item; the text that tracks a finding through a report becomes a token."""
    cleaned = clean_dataset(item, context)
    if _TEXT in cleaned and concept_of(item) == _TRACKING_IDENTIFIER:
        token = context.names.token("tracking", stored_text(item, _TEXT))
        cleaned[_TEXT] = Element("UT", token.encode())
    return cleaned
