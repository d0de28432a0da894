"""One value that may stay, in the shape in which it may."""

from __future__ import annotations

import re

from .clean_terms import TERMS, clean_terms
from .clean_value import clean_value
from .elements import Element, tag_of
from .known_values import KNOWN_VALUES
from .pseudonyms import Pseudonyms


def _tags(words: str) -> frozenset[int]:
    return frozenset(tag_of(word) for word in words.split())


# type 1 in segmentations and enhanced images
_EQUIPMENT = _tags("Manufacturer ManufacturerModelName DeviceSerialNumber SoftwareVersions")
# must be there, may be empty
_TYPE_2 = _tags("SeriesNumber AcquisitionNumber InstanceNumber KVP SliceThickness PatientOrientation")
_DESCRIBED = _tags("Manufacturer ManufacturerModelName SoftwareVersions FilterType ImageFilter")
_LONG_NUMBER = re.compile(rb"\d{6}")  # a serial number or a part of a UID, not of a version
_AGE = tag_of("PatientAge")
_OLDEST = 89  # years: older patients are few enough to be known by their age


def keep_value(tag: int, vr: str, value: bytes, names: Pseudonyms, little: bool) -> Element | None:
    """Give an element as it is, or what stands in its place where its value does not look as it should.

    Terms become keyed tokens, descriptions of the equipment become ``REMOVED``, what must be there becomes empty, all
    else None. Ages above 89 years become 90.
    """
    if tag in TERMS:
        return Element(vr, clean_terms(tag, value, names))
    kept = clean_value(vr, value, little)
    if kept is not None and _looks_right(tag, kept):
        return Element(vr, _cap_ages(kept) if tag == _AGE else kept)
    if tag in _EQUIPMENT:
        return Element(vr, b"REMOVED")
    return Element(vr) if tag in _TYPE_2 else None


def _looks_right(tag: int, value: bytes) -> bool:
    if tag in _DESCRIBED:
        return not _LONG_NUMBER.search(value)
    return tag not in KNOWN_VALUES or KNOWN_VALUES[tag].issuperset(value.decode("latin-1").split("\\"))


def _cap_ages(ages: bytes) -> bytes:
    return b"\\".join(b"090Y" if age[3:] == b"Y" and int(age[:3]) > _OLDEST else age for age in ages.split(b"\\"))
