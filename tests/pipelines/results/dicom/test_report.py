from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from resmtnet.pipelines.records import CaseResult, Finding, FindingMask, Volume
from resmtnet.pipelines.results.dicom.report_dcm import report_dcm
from resmtnet.pipelines.results.dicom.segmentation_dcm import segmentation_dcm

VALUE_TOLERANCE = 1e-9  # relative: a decimal string holds 14 digits and more
RESEARCH_USE = "Research use only. Not a medical device."


def encode(result: CaseResult, volume: Volume | None) -> Dataset:
    data = report_dcm(result, volume)
    assert data is not None
    return pydicom.dcmread(io.BytesIO(data))


def code_of(item: Dataset) -> str:
    return str(item.ConceptNameCodeSequence[0].CodeValue)


def children(item: Dataset, code: str) -> list[Dataset]:
    return [child for child in item.get("ContentSequence", []) if code_of(child) == code]


def groups_of(report: Dataset) -> list[Dataset]:
    (measurements,) = children(report, "126010")
    return children(measurements, "125007")


def words_of(report: Dataset) -> list[str]:
    (evaluations,) = children(report, "C0034375")
    return [item.TextValue for item in evaluations.ContentSequence]


def expected_values(finding: Finding) -> dict[str, tuple[float, str]]:
    """By concept: value and unit."""
    return {
        "103339001": (finding.long_axis_mm, "mm"),
        "103340004": (finding.short_axis_mm, "mm"),
        "81827009": (finding.diameter_3d_mm, "mm"),
        "118565006": (finding.volume_mm3, "mm3"),
        "112031": (finding.mean_hu, "[hnsf'U]"),
        "111047": (finding.malignancy_probability * 100, "%"),
        "111012": (finding.probability * 100, "%"),
    }


def check_values(group: Dataset, finding: Finding) -> None:
    numbers = [item for item in group.ContentSequence if item.ValueType == "NUM"]
    found = {}
    for item in numbers:
        (value,) = item.MeasuredValueSequence
        found[code_of(item)] = (float(value.NumericValue), value.MeasurementUnitsCodeSequence[0].CodeValue)
        assert [child.TextValue for child in children(item, "111001")] == ["resmtnet the_bundle"]
        assert [child.TextValue for child in children(item, "111003")] == ["1.2 0123456789ab"]
    expected = expected_values(finding)
    assert {code: unit for code, (_, unit) in found.items()} == {code: unit for code, (_, unit) in expected.items()}
    for code, (value, _) in expected.items():
        assert found[code][0] == pytest.approx(value, rel=VALUE_TOLERANCE), code


def odd(result: CaseResult) -> CaseResult:
    """Give every measurement a value of its own, and the model a name."""
    values = {"long_axis_mm": 12.34567, "short_axis_mm": 9.87, "diameter_3d_mm": 10.5, "volume_mm3": 606.1309}
    findings = tuple(replace(finding, mean_hu=-123.4, **values) for finding in result.findings)
    model = {"bundle": "some/the_bundle", "versions": {"resmtnet": "1.2"}, "weights_hash": "0123456789abcdef"}
    return replace(result, findings=findings, **model)


def test_values_and_segments(any_dicom_case) -> None:
    result, volume = any_dicom_case
    result = odd(result)
    report, seg = encode(result, volume), pydicom.dcmread(io.BytesIO(segmentation_dcm(result, volume)))
    for group, finding, segment in zip(groups_of(report), result.findings, seg.SegmentSequence, strict=True):
        check_values(group, finding)
        (region,) = children(group, "121191")
        (reference,) = region.ReferencedSOPSequence
        assert reference.ReferencedSOPInstanceUID == seg.SOPInstanceUID
        assert reference.ReferencedSOPClassUID == seg.SOPClassUID
        assert reference.ReferencedSegmentNumber == segment.SegmentNumber
        assert children(group, "112039")[0].TextValue == segment.TrackingID == f"Nodule {finding.finding_id}"
        assert segment.TrackingUID == children(group, "112040")[0].UID
        assert volume.plan.origin.series_uid == children(group, "121232")[0].UID
    named = [
        (instance.ReferencedSOPInstanceUID, series.SeriesInstanceUID)
        for study in report.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    ]
    images = {(source.sop_instance_uid, volume.plan.origin.series_uid) for source in volume.plan.slices}
    assert sorted(named) == sorted({*images, (seg.SOPInstanceUID, seg.SeriesInstanceUID)})


@pytest.mark.parametrize(("calibrated", "word"), [(True, "calibrated"), (False, "not_calibrated")])
def test_it_says_whether_the_probability_of_cancer_is_calibrated(make_dicom_case, calibrated: bool, word: str) -> None:
    result, volume = make_dicom_case()
    result = replace(result, findings=tuple(replace(f, calibrated=calibrated) for f in result.findings))
    for group in groups_of(encode(result, volume)):
        (cancer,) = children(group, "111047")
        (modifier,) = children(cancer, "calibration")
        assert modifier.ConceptCodeSequence[0].CodeValue == word


def test_site_and_side(make_dicom_case) -> None:
    result, volume = make_dicom_case()
    unknown = replace(result.findings[1], lung_side="unknown")
    first, second = groups_of(encode(replace(result, findings=(result.findings[0], unknown)), volume))
    (site,) = children(first, "363698007")
    assert site.ConceptCodeSequence[0].CodeValue == "39607008"
    assert children(site, "272741003")[0].ConceptCodeSequence[0].CodeMeaning == "Left"
    assert children(children(second, "363698007")[0], "272741003") == []


def test_status_and_observer(make_dicom_case) -> None:
    report = encode(*make_dicom_case())
    flags = (report.CompletionFlag, report.VerificationFlag, report.PreliminaryFlag, report.ContentQualification)
    assert flags == ("COMPLETE", "UNVERIFIED", "PRELIMINARY", "RESEARCH")
    assert [item.ConceptCodeSequence[0].CodeMeaning for item in children(report, "121005")] == ["Device"]
    assert "PNAME" not in {item.ValueType for item in report.ContentSequence}
    assert children(report, "121058")[0].ConceptCodeSequence[0].CodeValue == "24627-2"
    assert words_of(report) == ["2 findings above the threshold of the model.", RESEARCH_USE]


def test_the_observer_is_the_same_for_all_cases_of_a_model(make_dicom_case) -> None:
    one, volume = make_dicom_case()
    other, model = replace(one, case_id="case-07", input_digest="d7"), replace(one, weights_hash="w2")
    uids = [children(encode(result, volume), "121012")[0].UID for result in (one, other, model)]
    assert uids[0] == uids[1] != uids[2]


def test_nothing_found_is_said(make_dicom_case, dicom_errors) -> None:
    result, volume = make_dicom_case()
    data = report_dcm(replace(result, findings=()), volume)
    report = pydicom.dcmread(io.BytesIO(data))
    assert dicom_errors(data) == []
    assert groups_of(report) == []
    assert words_of(report) == ["No finding above the threshold of the model.", RESEARCH_USE]
    (library,) = children(report, "111028")
    (images,) = children(library, "126200")
    assert len(children(images, "260753009")) == len(volume.plan.slices)


def test_a_finding_without_segment_keeps_its_measurements(make_dicom_case, dicom_errors) -> None:
    result, volume = make_dicom_case("gaps")
    result = odd(result)
    first, second = result.findings
    flat = replace(first, mask=FindingMask((10, 5, 5), np.ones((1, 3, 3), bool)))  # slice 10 was made up
    data = report_dcm(replace(result, findings=(flat, second)), volume)
    one, two = groups_of(pydicom.dcmread(io.BytesIO(data)))
    assert children(one, "121191") == []
    check_values(one, flat)
    assert children(two, "121191")[0].ReferencedSOPSequence[0].ReferencedSegmentNumber == 1
    assert dicom_errors(data) == []


def test_patient_and_study_are_those_of_the_source(make_dicom_case) -> None:
    result, volume = make_dicom_case()
    source, report = pydicom.dcmread(volume.plan.slices[0].path), encode(result, volume)
    names = ("PatientName", "PatientID", "PatientBirthDate", "StudyInstanceUID", "AccessionNumber", "StudyDescription")
    assert [report[name].value for name in names] == [source[name].value for name in names]
    assert "CANARY" not in report_tree(report)


def report_tree(report: Dataset) -> str:
    return str(report["ContentSequence"])


def test_not_for_what_is_no_dicom_series(make_case, rejected) -> None:
    assert report_dcm(rejected, None) is None
    assert report_dcm(*make_case()) is None  # a volume without instances


def test_dcmqi_reads_the_same_values(any_dicom_case, report_by_dcmqi) -> None:
    result, volume = any_dicom_case
    result = odd(result)
    read = report_by_dcmqi(report_dcm(result, volume))
    assert read["VerificationFlag"] == "UNVERIFIED"
    for n, (group, finding) in enumerate(zip(read["Measurements"], result.findings, strict=True), start=1):
        assert (group["TrackingIdentifier"], group["ReferencedSegment"]) == (f"Nodule {n}", n)
        assert group["Laterality"]["CodeMeaning"] == finding.lung_side.capitalize()
        found = {item["quantity"]["CodeValue"]: item for item in group["measurementItems"]}
        for code, (value, unit) in expected_values(finding).items():
            assert float(found[code]["value"]) == pytest.approx(value, rel=VALUE_TOLERANCE)
            assert found[code]["units"]["CodeValue"] == unit
        modifiers = [entry["modifierValue"]["CodeMeaning"] for entry in found["111047"]["measurementModifiers"]]
        assert "Not calibrated" in modifiers
