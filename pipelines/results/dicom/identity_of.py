"""Patient and study of a source instance."""

from __future__ import annotations

import copy

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from ...quiet_readers import quiet_readers

_PATIENT_GROUPS = (0x0010, 0x0012)  # patient, patient study; clinical trial, state of de-identification
_OF_THE_SERIES = ("ClinicalTrialSeriesID", "ClinicalTrialSeriesDescription", "ExaminedBodyThickness")
_STUDY = (
    *("SpecificCharacterSet", "TimezoneOffsetFromUTC", "ReferencedStudySequence", "ReferencedPatientSequence"),
    *("StudyInstanceUID", "StudyID", "StudyDate", "StudyTime", "StudyDescription", "ProcedureCodeSequence"),
    *("AccessionNumber", "IssuerOfAccessionNumberSequence"),
    *("ReferringPhysicianName", "ReferringPhysicianIdentificationSequence"),
    *("ConsultingPhysicianName", "ConsultingPhysicianIdentificationSequence"),
    *("PhysiciansOfRecord", "PhysiciansOfRecordIdentificationSequence"),
    *("NameOfPhysiciansReadingStudy", "PhysiciansReadingStudyIdentificationSequence"),
    *("RequestingService", "RequestingServiceCodeSequence", "ReasonForPerformedProcedureCodeSequence"),
    *("ReasonForVisit", "ReasonForVisitCodeSequence", "AdmissionID", "IssuerOfAdmissionIDSequence"),
    *("ServiceEpisodeID", "ServiceEpisodeDescription", "IssuerOfServiceEpisodeIDSequence", "PatientState"),
    *("AdmittingDiagnosesDescription", "AdmittingDiagnosesCodeSequence", "LongitudinalTemporalInformationModified"),
)
_STUDY_TAGS = frozenset(tag_for_keyword(name) for name in _STUDY)
_SERIES_TAGS = frozenset(tag_for_keyword(name) for name in _OF_THE_SERIES)
_TYPE_2 = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex"),
    *("StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName", "StudyID"),
)
_ANONYMOUS = (
    *("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"),
    *("PositionReferenceIndicator", "Modality", "Rows", "Columns"),
)
_TEXT = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UR", "UT"})


def identity_of(header: Dataset) -> Dataset:
    """Copy the elements of a header that say whose and which study it is, with their character set.

    Text stays as the bytes that it was (as raw elements), also where it is not of the character set that the header
    names: a name that a reader mends is another name. Those of PS3.3 C.7.1 and C.7.2 that must be there (type 2) and
    are not, are empty.
    """
    quiet_readers()
    identity = Dataset()
    for tag in header.keys():  # noqa: SIM118 - a Dataset iterates over elements
        if _identifies(tag):
            identity[tag] = _as_it_is(header, tag)
    for name in _TYPE_2:
        if name not in identity:
            setattr(identity, name, "")
    return identity


def without_identity(header: Dataset) -> Dataset:
    """Copy what a constructor of highdicom asks of a header: UIDs and matrix stay, patient and study are empty.

    highdicom logs names that it finds odd and refuses values of the source that are not in the standard;
    :func:`.dicom_bytes` puts them back as they were.
    """
    bare = Dataset()
    for name in _ANONYMOUS:
        if name in header:
            setattr(bare, name, header[name].value)
    for name in _TYPE_2:
        setattr(bare, name, "")
    return bare


def _as_it_is(header: Dataset, tag: BaseTag) -> DataElement | RawDataElement:
    element = header.get_item(tag)
    if isinstance(element, RawDataElement):
        vr = element.VR or dictionary_VR(tag)
        plain = element.is_little_endian and not element.is_implicit_VR
        if element.value is not None and (plain or vr in _TEXT):
            value = element.value + b" " * (len(element.value) % 2)
            return RawDataElement(tag, vr, len(value), value, 0, False, True)
    decoded = copy.deepcopy(header[tag])
    for item in decoded.value if decoded.VR == "SQ" else ():
        for _ in item.iterall():  # decoded now, whatever the byte order of the source
            pass
    return decoded


def _identifies(tag: int) -> bool:
    return (tag >> 16 in _PATIENT_GROUPS and tag not in _SERIES_TAGS) or tag in _STUDY_TAGS
