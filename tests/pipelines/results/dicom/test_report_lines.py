from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from resmtnet.pipelines.records import CaseResult, Finding, Volume
from resmtnet.pipelines.results.dicom.report_lines_dcm import MOST_SHORTENED, report_lines_dcm

PLACE_TOLERANCE_MM = 0.01  # rounding of decimal strings and of the single-precision GraphicData
NORMAL = {"tilted": (0, 0, 1), "oblique": (0, 0.6, 0.8), "sagittal": (1, 0, 0)}


def groups_of(data: bytes) -> list[Dataset]:
    report = pydicom.dcmread(io.BytesIO(data))
    (measurements,) = [item for item in report.ContentSequence if named(item, "126010")]
    return list(measurements.ContentSequence)


def named(item: Dataset, code: str) -> bool:
    return bool(item.ConceptNameCodeSequence[0].CodeValue == code)


def line_of(group: Dataset) -> Dataset:
    (line,) = [item for item in group.ContentSequence if named(item, "111030")]
    assert line.GraphicType == "POLYLINE"
    return line


def ends_of(line: Dataset, volume: Volume) -> np.ndarray:
    """Ends in LPS mm: of a SCOORD by the image it is drawn on, whose first pixel has its centre at 0.5."""
    if line.ValueType == "SCOORD3D":
        assert line.ReferencedFrameOfReferenceUID
        return np.array(line.GraphicData).reshape(2, 3)
    (image,) = line.ContentSequence
    (reference,) = image.ReferencedSOPSequence
    frame = int(reference.get("ReferencedFrameNumber", 1)) - 1
    uid = reference.ReferencedSOPInstanceUID
    (corner,) = [s.position_lps for s in volume.plan.slices if (s.sop_instance_uid, s.frame) == (uid, frame)]
    return np.array(corner) + (np.array(line.GraphicData).reshape(2, 2) - 0.5) @ volume.affine_lps[:3, :2].T


def turned(finding: Finding, direction: tuple[float, float, float]) -> Finding:
    """Lay a long axis of 12 mm along ``direction`` through the centre."""
    half = 6.0 * np.array(direction)
    low, high = (tuple(map(float, finding.centre_lps_mm + sign * half)) for sign in (-1, 1))
    return replace(finding, long_axis_mm=12.0, long_axis_lps_mm=(low, high))


def test_the_line_has_the_length_that_the_report_says(any_dicom_case) -> None:
    result, volume = any_dicom_case
    for group, finding in zip(groups_of(report_lines_dcm(result, volume)), result.findings, strict=True):
        ends = ends_of(line_of(group), volume)
        assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(finding.long_axis_mm, abs=PLACE_TOLERANCE_MM)
        (long_axis,) = [item for item in group.ContentSequence if named(item, "103339001")]
        assert float(long_axis.MeasuredValueSequence[0].NumericValue) == pytest.approx(finding.long_axis_mm)


@pytest.mark.parametrize("direction", [(1, 0, 0), (0, 1, 0)])
@pytest.mark.parametrize("kind", ["tilted", "oblique", "sagittal"])
def test_the_ends_are_put_on_the_slice_along_its_normal(make_dicom_case, kind: str, direction) -> None:
    result, volume = make_dicom_case(kind)
    result = replace(result, findings=tuple(turned(finding, direction) for finding in result.findings))
    steepness = abs(np.dot(direction, NORMAL[kind]))
    for group, finding in zip(groups_of(report_lines_dcm(result, volume)), result.findings, strict=True):
        line, true = line_of(group), np.array(finding.long_axis_lps_mm)
        moved = ends_of(line, volume) - true
        if np.sqrt(1 - steepness**2) < 1 - MOST_SHORTENED:
            assert line.ValueType == "SCOORD3D"
            assert np.abs(moved).max() < 1e-4  # single precision
            continue
        assert line.ValueType == "SCOORD"
        along = moved @ np.array(NORMAL[kind])
        assert np.abs(moved - np.outer(along, NORMAL[kind])).max() < PLACE_TOLERANCE_MM
        assert np.abs(along).max() <= 6.0 * steepness + 1.0 + PLACE_TOLERANCE_MM  # and half a step of 2 mm


def test_an_archive_is_told_that_it_is_a_path(make_dicom_case) -> None:
    for group in groups_of(report_lines_dcm(*make_dicom_case())):
        (purpose,) = [item for item in group.ContentSequence if named(item, "130400")]
        assert purpose.ConceptCodeSequence[0].CodeMeaning == "Path"
        assert group.ContentTemplateSequence[0].TemplateIdentifier == "1410"


def test_what_ohif_needs(make_dicom_case) -> None:
    """Seen in its source: a title, an image library, a tracking UID, content of every NUM, one report in the series."""
    result, volume = make_dicom_case()
    report = pydicom.dcmread(io.BytesIO(report_lines_dcm(result, volume)))
    assert named(report, "126000")
    assert [named(item, "111028") for item in report.ContentSequence].count(True) == 1
    for group in groups_of(report_lines_dcm(result, volume)):
        assert any(item.ValueType == "UIDREF" and named(item, "112040") for item in group.ContentSequence)
        assert all("ContentSequence" in item for item in group.ContentSequence if item.ValueType == "NUM")


def test_only_where_there_is_something_to_draw(make_dicom_case, make_case, rejected) -> None:
    result, volume = make_dicom_case()
    assert report_lines_dcm(replace(result, findings=()), volume) is None
    assert report_lines_dcm(rejected, None) is None
    assert report_lines_dcm(*make_case()) is None  # a volume without instances


def test_a_finding_of_one_voxel(make_dicom_case, dicom_errors) -> None:
    result, volume = make_dicom_case()
    point = result.findings[0].centre_lps_mm
    small = replace(result.findings[0], long_axis_mm=0.0, long_axis_lps_mm=(point, point))
    data = report_lines_dcm(replace(result, findings=(small,)), volume)
    assert line_of(groups_of(data)[0]).ValueType == "SCOORD"
    assert dicom_errors(data) == []


def test_a_result_of_another_model_has_other_uids(make_dicom_case) -> None:
    result, volume = make_dicom_case()
    uids = [encode_uid(each, volume) for each in (result, replace(result, weights_hash="w2"))]
    assert uids[0] != uids[1]


def encode_uid(result: CaseResult, volume: Volume) -> str:
    return str(pydicom.dcmread(io.BytesIO(report_lines_dcm(result, volume))).SOPInstanceUID)
