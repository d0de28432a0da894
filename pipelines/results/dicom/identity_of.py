"""Patient and study of a source instance."""

from __future__ import annotations

import copy

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from ...deidentify.quiet_readers import quiet_readers

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


def identity_of(header: Dataset) -> Dataset:
    """Copy the elements of a header that say whose and which study it is, as they are, with their character set.

    Those of PS3.3 C.7.1 and C.7.2 that must be there (type 2) and are not, are empty.
    """
    quiet_readers()
    tags = [tag for tag in header.keys() if _identifies(tag)]  # noqa: SIM118 - a Dataset iterates over elements
    identity = Dataset()
    for tag in tags:
        identity.add(copy.deepcopy(header[tag]))
    for _ in identity.iterall():  # decoded now, whatever the byte order of the source
        pass
    for name in _TYPE_2:
        if name not in identity:
            setattr(identity, name, "")
    return identity


def without_identity(header: Dataset) -> Dataset:
    """Copy a header for a constructor of highdicom: UIDs and geometry stay, patient and study are empty.

    highdicom logs names that it finds odd and refuses values of the source that are not in the standard;
    :func:`.dicom_bytes` puts them back as they were.
    """
    bare = Dataset()
    for tag in header.keys():  # noqa: SIM118
        if not _identifies(tag):
            bare.add(header[tag])
    for name in _TYPE_2:
        setattr(bare, name, "")
    bare.StudyInstanceUID = header.StudyInstanceUID
    return bare


def _identifies(tag: int) -> bool:
    return (tag >> 16 in _PATIENT_GROUPS and tag not in _SERIES_TAGS) or tag in _STUDY_TAGS
