"""What a de-identified object says of its de-identification, and what every object must hold."""

from __future__ import annotations

from collections.abc import Iterator

from .clean_code import make_code
from .elements import Element, Elements, items_element, tag_of, text_element
from .options import DeidentifyOptions

_METHOD = "resmtnet allow-list\\DICOM PS3.15 E.1 Basic Confidentiality Profile"
_TYPE_2 = "StudyDate StudyTime AccessionNumber ReferringPhysicianName PatientBirthDate PatientSex StudyID Manufacturer"


def profile_elements(cleaned: Elements, pseudonym: str, options: DeidentifyOptions) -> Elements:
    """Give the cleaned elements with the pseudonym, the empty ones that must be there, and the profile's own."""
    codes = [make_code("DCM", code) for code in _codes(cleaned, options)]
    own = (
        text_element("PatientName", pseudonym),
        text_element("PatientID", pseudonym),
        text_element("PatientIdentityRemoved", "YES"),
        text_element("DeidentificationMethod", _METHOD),
        text_element("LongitudinalTemporalInformationModified", options.dates.upper()),
        items_element("DeidentificationMethodCodeSequence", *codes),
    )
    empty: Elements = dict(text_element(keyword) for keyword in _TYPE_2.split())
    if tag_of("FrameOfReferenceUID") in cleaned:
        empty |= [text_element("PositionReferenceIndicator")]
    if tag_of("CompletionFlag") in cleaned:  # the names of those who verified a report are gone
        empty |= [text_element("VerificationFlag", "UNVERIFIED")]
    return {**empty, **cleaned, **dict(own)}


def _codes(cleaned: Elements, options: DeidentifyOptions) -> Iterator[str]:
    """Give the codes of CID 7050 for what was done to this object, and no others."""
    yield "113100"  # Basic Application Confidentiality Profile
    if cleaned.get(tag_of("ContentSequence"), Element("SQ")).items:
        yield "113104"  # Clean Structured Content Option
    if options.dates == "modified":
        yield "113107"  # Retain Longitudinal Temporal Information Modified Dates Option
    if options.patient_characteristics:
        yield "113108"  # Retain Patient Characteristics Option
    if options.device_identity:
        yield "113109"  # Retain Device Identity Option
    if options.institution_identity:
        yield "113112"  # Retain Institution Identity Option
