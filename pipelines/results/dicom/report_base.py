"""The parts of a structured report that do not depend on how it points at the findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.sr import (
    CodeContentItem,
    CodedConcept,
    Comprehensive3DSR,
    ContainerContentItem,
    ContentItem,
    ContentSequence,
    DeviceObserverIdentifyingAttributes,
    ImageContentItem,
    LanguageOfContentItemAndDescendants,
    NumContentItem,
    ObservationContext,
    ObserverContext,
    RelationshipTypeValues,
    TextContentItem,
    UIDRefContentItem,
)
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from ...records import CaseResult, Origin
from ..research_use import RESEARCH_USE
from .algorithm import algorithm_name, algorithm_version
from .dicom_bytes import dicom_bytes
from .equipment import equipment, series_number
from .identity_of import without_identity
from .measurement_group import OWN_SCHEME
from .result_uid import result_uid

CONTAINS, CONTEXT = RelationshipTypeValues.CONTAINS, RelationshipTypeValues.HAS_ACQ_CONTEXT
MODIFIER = RelationshipTypeValues.HAS_CONCEPT_MOD
CT_CHEST = CodedConcept("24627-2", "LN", "CT Chest")
EVALUATIONS = CodedConcept("C0034375", "UMLS", "Qualitative Evaluations")
ENGLISH = CodedConcept("en-US", "RFC5646", "English (United States)")
SOURCE = CodedConcept("260753009", "SCT", "Source")
PIXELS = CodedConcept("{pixels}", "UCUM", "Pixels")
NOTHING = "No finding above the threshold of the model."


def report_bytes(
    result: CaseResult,
    headers: Sequence[Dataset],
    groups: Sequence[ContentSequence],
    *,
    what: str,
    description: str,
    evidence: Sequence[Dataset] = (),
) -> bytes:
    """Encode a Measurement Report (TID 1500) as Comprehensive 3D SR, complete, preliminary and not verified.

    Nobody is named as observer but the software (TID 1004). The images that were read are listed in the image library;
    Imaging Measurements is there also where ``groups`` is empty, and the qualitative evaluations say in words that
    nothing was found. Beside the findings they say that the report is for research use.

    Parameters
    ----------
    what : word of :func:`.result_uid`, whose series is ``what`` and "series".
    evidence : instances that are referred to beside ``headers``: class, instance, series and study UID.
    """
    bare = [without_identity(header) for header in headers]
    made = Comprehensive3DSR(
        evidence=[*bare, *evidence],
        content=_tree(result, headers, groups),
        series_instance_uid=result_uid(result, f"{what} series"),
        series_number=series_number(headers[0], f"{what} series"),
        sop_instance_uid=result_uid(result, what),
        instance_number=1,
        is_complete=True,
        is_final=False,
        is_verified=False,
        content_qualification="RESEARCH",
        coding_schemes=[
            CodingSchemeIdentificationItem(OWN_SCHEME, name="resmtnet", responsible_organization="resmtnet")
        ],
        series_description=description,
        **equipment(result),
    )
    return dicom_bytes(made, headers[0])


def _tree(result: CaseResult, headers: Sequence[Dataset], groups: Sequence[ContentSequence]) -> Dataset:
    root = ContainerContentItem(codes.DCM.ImagingMeasurementReport, template_id="1500")
    root.ContentSequence = ContentSequence(
        [
            *LanguageOfContentItemAndDescendants(ENGLISH),
            *_observer(result),
            CodeContentItem(codes.DCM.ProcedureReported, CT_CHEST, MODIFIER),
            _image_library(headers),
            _container(codes.DCM.ImagingMeasurements, [item for group in groups for item in group]),
            _container(EVALUATIONS, [_comment(_summary(result)), _comment(RESEARCH_USE)]),
        ]
    )
    return root


def _observer(result: CaseResult) -> ObservationContext:
    """Name the model as observer; its UID is the same in all cases that it has seen."""
    by = equipment(result)
    of_the_model = replace(result, origin=Origin(""), case_id="", input_digest="", plan_digest="")
    device = DeviceObserverIdentifyingAttributes(
        uid=result_uid(of_the_model, "device"),
        name=f"{algorithm_name(result)} {algorithm_version(result)}",
        manufacturer_name=by["manufacturer"],
        model_name=by["manufacturer_model_name"],
        serial_number=by["device_serial_number"],
    )
    return ObservationContext(observer_device_context=ObserverContext(codes.DCM.Device, device))


def _image_library(headers: Sequence[Dataset]) -> ContainerContentItem:
    """List the images that were read, with what they have in common (TID 1600 to 1602)."""
    first = headers[0]
    common = [
        CodeContentItem(codes.DCM.Modality, codes.cid29.ComputedTomography, CONTEXT),
        UIDRefContentItem(codes.DCM.FrameOfReferenceUID, first.FrameOfReferenceUID, CONTEXT),
        NumContentItem(codes.DCM.PixelDataRows, int(first.Rows), PIXELS, relationship_type=CONTEXT),
        NumContentItem(codes.DCM.PixelDataColumns, int(first.Columns), PIXELS, relationship_type=CONTEXT),
    ]
    images = [
        ImageContentItem(SOURCE, each.SOPClassUID, each.SOPInstanceUID, relationship_type=CONTAINS) for each in headers
    ]
    return _container(codes.DCM.ImageLibrary, [_container(codes.DCM.ImageLibraryGroup, [*common, *images])])


def _container(name: CodedConcept, content: Sequence[ContentItem]) -> ContainerContentItem:
    item = ContainerContentItem(name, relationship_type=CONTAINS)
    if content:
        item.ContentSequence = ContentSequence(content)
    return item


def _comment(text: str) -> TextContentItem:
    return TextContentItem(codes.DCM.Comment, text, CONTAINS)


def _summary(result: CaseResult) -> str:
    n = len(result.findings)
    return NOTHING if n == 0 else f"{n} finding{'s' if n > 1 else ''} above the threshold of the model."
