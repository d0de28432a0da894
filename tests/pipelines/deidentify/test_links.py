"""References between objects, in segmentations, reports and structure sets."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    Comprehensive3DSRStorage,
    ImplicitVRLittleEndian,
    RTStructureSetStorage,
    SegmentationStorage,
    generate_uid,
)

CANARY = "ZZCANARY"


def item(**values: object) -> Dataset:
    ds = Dataset()
    for keyword, value in values.items():
        setattr(ds, keyword, Sequence(value) if keyword.endswith("Sequence") else value)
    return ds


def code(value: str, scheme: str = "DCM") -> list[Dataset]:
    return [item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=CANARY)]


def content(kind: str, concept: str, **values: object) -> Dataset:
    return item(RelationshipType="CONTAINS", ValueType=kind, ConceptNameCodeSequence=code(concept), **values)


def derive(path, sop_class: str, modality: str) -> Dataset:
    """An empty object of the same patient and study as a CT image."""
    ds = pydicom.dcmread(path)
    for keyword in [element.keyword for element in ds if element.tag.group in (0x0018, 0x0028, 0x7FE0)]:
        delattr(ds, keyword)
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = sop_class
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    ds.SeriesInstanceUID, ds.Modality = generate_uid(), modality
    return ds


def reference(ct: Dataset, **more: object) -> Dataset:
    return item(ReferencedSOPClassUID=ct.SOPClassUID, ReferencedSOPInstanceUID=ct.SOPInstanceUID, **more)


def write_report(path, folder) -> None:
    ct = pydicom.dcmread(path)
    ds = derive(path, Comprehensive3DSRStorage, "SR")
    ds.CompletionFlag, ds.VerificationFlag, ds.ValueType = "COMPLETE", "VERIFIED", "CONTAINER"
    ds.ContinuityOfContent, ds.ConceptNameCodeSequence = "SEPARATE", Sequence(code("126000"))
    observer = item(VerifyingObserverName=CANARY, VerifyingOrganization=CANARY, VerificationDateTime="20000101")
    ds.VerifyingObserverSequence = Sequence([observer])
    ds.AuthorObserverSequence = Sequence([item(PersonName=CANARY)])
    unit = code("mm", "UCUM")
    group = content("CONTAINER", "125007", ContinuityOfContent="SEPARATE")
    group.ContentSequence = Sequence(
        [
            content("TEXT", "112039", TextValue=f"{CANARY} nodule 1"),
            content("UIDREF", "112040", UID=generate_uid(entropy_srcs=["tracking"])),
            content("DATE", "111060", Date="20000101"),
            content("TIME", "111061", Time="120000"),
            content("DATETIME", "111526", DateTime="20000101120000"),
            content(
                "NUM", "118565", MeasuredValueSequence=[item(NumericValue="7.5", MeasurementUnitsCodeSequence=unit)]
            ),
            content("IMAGE", "121112", ReferencedSOPSequence=[reference(ct, ReferencedFrameNumber=1)]),
            content("CODE", "121071", ConceptCodeSequence=code(CANARY, "99ZZ")),
        ]
    )
    ds.ContentSequence = Sequence(
        [
            content("PNAME", "121008", PersonName=f"{CANARY}^DR"),
            content("TEXT", "121009", TextValue=CANARY),
            content("DATE", "121031", Date="19500101"),
            content("NUM", "121033", MeasuredValueSequence=[item(NumericValue="98989898")]),
            group,
        ]
    )
    series = item(SeriesInstanceUID=ct.SeriesInstanceUID, ReferencedSOPSequence=[reference(ct)])
    ds.CurrentRequestedProcedureEvidenceSequence = Sequence(
        [item(StudyInstanceUID=ct.StudyInstanceUID, ReferencedSeriesSequence=[series])]
    )
    ds.ReferencedRequestSequence = Sequence([item(AccessionNumber=CANARY, RequestedProcedureID=CANARY)])
    ds.save_as(folder / "report")


def write_segmentation(path, folder) -> None:
    ct = pydicom.dcmread(path)
    ds = derive(path, SegmentationStorage, "SEG")
    ds.ContentLabel, ds.ContentDescription, ds.ContentCreatorName = CANARY, CANARY, CANARY
    ds.Rows, ds.Columns, ds.NumberOfFrames, ds.SamplesPerPixel = 6, 8, 1, 1
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 1, 1, 0, 0
    ds.PhotometricInterpretation, ds.PixelData = "MONOCHROME2", bytes(range(6))
    ds["PixelData"].VR = "OB"
    segment = item(SegmentNumber=3, SegmentLabel=CANARY, SegmentDescription=CANARY, SegmentAlgorithmName=CANARY)
    segment.TrackingID = f"{CANARY} nodule 1"
    segment.TrackingUID = generate_uid(entropy_srcs=["tracking"])
    segment.SegmentedPropertyTypeCodeSequence = Sequence(code("27925004", "SCT"))
    ds.SegmentSequence = Sequence([segment])
    derivation = item(SourceImageSequence=[reference(ct)])
    ds.PerFrameFunctionalGroupsSequence = Sequence([item(DerivationImageSequence=[derivation])])
    ds.save_as(folder / "segmentation")


def write_structures(path, folder) -> None:
    ct = pydicom.dcmread(path)
    ds = derive(path, RTStructureSetStorage, "RTSTRUCT")
    ds.StructureSetLabel, ds.StructureSetName, ds.StructureSetDate = CANARY, CANARY, "20000101"
    ds.StructureSetROISequence = Sequence([item(ROINumber=5, ROIName=CANARY, ROIGenerationAlgorithm="MANUAL")])
    triplets = [f"{value:.4f}" for value in np.linspace(-100, 100, 3 * 3000)]  # longer than explicit VR DS can hold
    contour = item(ContourGeometricType="CLOSED_PLANAR", NumberOfContourPoints=3000, ContourData=triplets)
    contour.ContourImageSequence = Sequence([reference(ct)])
    ds.ROIContourSequence = Sequence([item(ReferencedROINumber=5, ContourSequence=[contour])])
    frame = item(FrameOfReferenceUID=ct.FrameOfReferenceUID)
    ds.ReferencedFrameOfReferenceSequence = Sequence([frame])
    ds.RTROIObservationsSequence = Sequence([item(ObservationNumber=1, ReferencedROINumber=5, ROIInterpreter=CANARY)])
    ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    ds.save_as(folder / "structures", implicit_vr=True)


@pytest.fixture
def made(deidentify, ct, tmp_path):
    """The four objects, de-identified in two runs with one key."""
    (path,) = ct()
    (tmp_path / "derived").mkdir()
    for write in (write_report, write_segmentation, write_structures):
        write(path, tmp_path / "derived")
    runs = [deidentify(path.parent, "images"), deidentify(tmp_path / "derived", "objects")]
    assert [run.written for run in runs] == [1, 3]
    assert CANARY.encode() not in runs[1].all_bytes
    assert b"98989898" not in runs[1].all_bytes
    return {ds.Modality: ds for run in runs for ds in run.datasets}


def test_every_reference_leads_to_the_image_of_another_run(made):
    image = made["CT"]
    group = made["SR"].ContentSequence[-1]
    (evidence,) = made["SR"].CurrentRequestedProcedureEvidenceSequence
    (roi,) = made["RTSTRUCT"].ROIContourSequence
    (frame,) = made["SEG"].PerFrameFunctionalGroupsSequence
    references = [
        *(reference for entry in group.ContentSequence for reference in entry.get("ReferencedSOPSequence", [])),
        evidence.ReferencedSeriesSequence[0].ReferencedSOPSequence[0],
        roi.ContourSequence[0].ContourImageSequence[0],
        frame.DerivationImageSequence[0].SourceImageSequence[0],
    ]
    assert len(references) == 4
    assert {reference.ReferencedSOPInstanceUID for reference in references} == {image.SOPInstanceUID}
    assert {reference.ReferencedSOPClassUID for reference in references} == {image.SOPClassUID}
    assert evidence.StudyInstanceUID == image.StudyInstanceUID
    assert evidence.ReferencedSeriesSequence[0].SeriesInstanceUID == image.SeriesInstanceUID
    assert len({ds.PatientID for ds in made.values()}) == 1


def test_a_report_keeps_its_numbers_and_loses_its_people(made):
    report = made["SR"]
    assert report.VerificationFlag == "UNVERIFIED"
    assert "VerifyingObserverSequence" not in report
    values = {entry.ConceptNameCodeSequence[0].CodeValue: entry for entry in report.ContentSequence}
    assert set(values) == {"121008", "121009", "125007"}  # not the birth date and the age of the subject
    assert values["121008"].PersonName == "REMOVED"
    found = {entry.ConceptNameCodeSequence[0].CodeValue: entry for entry in values["125007"].ContentSequence}
    assert found["118565"].MeasuredValueSequence[0].NumericValue == 7.5
    assert found["118565"].MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue == "mm"
    assert found["111060"].Date == report.StudyDate != "20000101"
    assert found["111526"].DateTime == f"{report.StudyDate}120000"
    assert [code.CodeValue for code in report.DeidentificationMethodCodeSequence] == ["113100", "113104", "113107"]


@pytest.mark.parametrize("subject", [True, False])
def test_links_by_position_go_where_positions_move(deidentify, ct, tmp_path, subject):
    (path,) = ct()
    (tmp_path / "derived").mkdir()
    write_report(path, tmp_path / "derived")
    ds = pydicom.dcmread(tmp_path / "derived" / "report")
    if not subject:
        del ds.ContentSequence[2:4]
    group = ds.ContentSequence[-1]
    number = 5 if subject else 3
    link = item(RelationshipType="INFERRED FROM", ReferencedContentItemIdentifier=[1, number, 1])
    group.ContentSequence.append(link)
    ds.save_as(tmp_path / "derived" / "report")
    (report,) = deidentify(tmp_path / "derived").datasets
    group = report.ContentSequence[-1]
    links = [entry.ReferencedContentItemIdentifier for entry in group.ContentSequence if "ValueType" not in entry]
    assert links == ([] if subject else [[1, len(report.ContentSequence), 1]])


def test_one_finding_is_tracked_through_report_and_segmentation(made):
    found = {e.ConceptNameCodeSequence[0].CodeValue: e for e in made["SR"].ContentSequence[-1].ContentSequence}
    (segment,) = made["SEG"].SegmentSequence
    assert segment.TrackingID == found["112039"].TextValue
    assert segment.TrackingUID == found["112040"].UID != generate_uid(entropy_srcs=["tracking"])
    assert segment.SegmentLabel == "Segment 3"
    assert made["SEG"].PixelData == bytes(range(6))


def test_a_structure_set_keeps_its_contours(made):
    structures = made["RTSTRUCT"]
    (roi,) = structures.StructureSetROISequence
    assert (roi.ROIName, roi.ROINumber) == ("ROI 5", 5)
    (frame,) = structures.ReferencedFrameOfReferenceSequence
    assert frame.FrameOfReferenceUID == made["CT"].FrameOfReferenceUID
    element = structures.ROIContourSequence[0].ContourSequence[0]["ContourData"]
    assert element.VR == "UN"  # PS3.5 6.2.2: too long for the 16 bits of length that DS has
    points = np.array(element.value.decode().split("\\"), float)
    np.testing.assert_allclose(points, np.linspace(-100, 100, 9000), atol=5e-5)
