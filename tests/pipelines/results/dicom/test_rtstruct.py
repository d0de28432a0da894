from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from skimage.measure import grid_points_in_poly

from resmtnet.pipelines.records import CaseResult, Finding, FindingMask, Volume
from resmtnet.pipelines.results.dicom.rtstruct_dcm import rtstruct_dcm

IN_PLANE_TOLERANCE = 0.02  # of a voxel: an orientation that differs by 3e-4 over the width of the slice
OFF_PLANE_TOLERANCE = 0.1  # of a step: what ingest takes for regular


def encode(result: CaseResult, volume: Volume | None) -> Dataset:
    data = rtstruct_dcm(result, volume)
    assert data is not None
    return pydicom.dcmread(io.BytesIO(data))


def rasterise(roi: Dataset, volume: Volume) -> np.ndarray:
    """Voxels (k, j, i) of the volume whose centre is in an odd number of contours, by scikit-image."""
    inside = np.zeros(volume.hu.shape, bool)
    k_of = {
        (source.sop_instance_uid, source.frame + 1): k_at(source.position_lps, volume) for source in volume.plan.slices
    }
    for contour in roi.ContourSequence:
        assert contour.ContourGeometricType == "CLOSED_PLANAR"
        points = np.array(contour.ContourData, float).reshape(-1, 3)
        assert len(points) == contour.NumberOfContourPoints >= 4
        ijk = np.linalg.solve(volume.affine_lps[:3, :3], (points - volume.affine_lps[:3, 3]).T).T
        (image,) = contour.ContourImageSequence
        k = k_of[image.ReferencedSOPInstanceUID, int(image.get("ReferencedFrameNumber", 1))]
        assert np.abs(ijk[:, 2] - k).max() < OFF_PLANE_TOLERANCE
        halves = ijk[:, :2] - 0.5
        assert np.abs(halves - np.rint(halves)).max() < IN_PLANE_TOLERANCE
        inside[round(k)] ^= grid_points_in_poly(volume.hu.shape[1:], ijk[:, 1::-1])
    return inside


def k_at(position: tuple[float, float, float], volume: Volume) -> float:
    return float(np.linalg.solve(volume.affine_lps, [*position, 1])[2])


def drawn(finding: Finding, volume: Volume) -> np.ndarray:
    """The mask on the slices that there are."""
    inside = np.zeros(volume.hu.shape, bool)
    place = tuple(slice(a, a + n) for a, n in zip(finding.mask.start_kji, finding.mask.voxels.shape, strict=True))
    inside[place] = finding.mask.voxels
    real = {round(k_at(source.position_lps, volume)) for source in volume.plan.slices}
    inside[[k for k in range(len(inside)) if k not in real]] = False
    return inside


def test_rasterised_again_it_is_the_mask(any_dicom_case) -> None:
    result, volume = any_dicom_case
    made = encode(result, volume)
    for roi, finding in zip(made.ROIContourSequence, result.findings, strict=True):
        assert roi.ReferencedROINumber == finding.finding_id
        np.testing.assert_array_equal(rasterise(roi, volume), drawn(finding, volume))


def test_holes_parts_and_corners_come_back(make_dicom_case) -> None:
    result, volume = make_dicom_case()
    voxels = np.random.default_rng(3).random((3, 9, 11)) < 0.6
    finding = replace(result.findings[0], mask=FindingMask((4, 10, 20), voxels))
    (roi,) = encode(replace(result, findings=(finding,)), volume).ROIContourSequence
    np.testing.assert_array_equal(rasterise(roi, volume), drawn(finding, volume))


def test_what_it_says_of_the_findings(make_dicom_case) -> None:
    result, volume = make_dicom_case()
    made = encode(result, volume)
    assert [roi.ROIName for roi in made.StructureSetROISequence] == ["Nodule 1", "Nodule 2"]
    assert {roi.ROIGenerationAlgorithm for roi in made.StructureSetROISequence} == {"AUTOMATIC"}
    assert len({tuple(roi.ROIDisplayColor) for roi in made.ROIContourSequence}) == 2
    assert made.ApprovalStatus == "UNAPPROVED"
    assert made.StructureSetDescription == "Research use only. Not a medical device."
    assert (made.StructureSetDate, made.StructureSetTime) == ("20000101", "120000")  # of the source, not of today


@pytest.mark.parametrize("kind", ["axial", "gaps", "enhanced"])
def test_it_refers_to_every_image_once(make_dicom_case, kind: str) -> None:
    result, volume = make_dicom_case(kind)
    made = encode(result, volume)
    (frame,) = made.ReferencedFrameOfReferenceSequence
    (series,) = frame.RTReferencedStudySequence[0].RTReferencedSeriesSequence
    named = [image.ReferencedSOPInstanceUID for image in series.ContourImageSequence]
    assert len(named) == len(set(named))
    assert set(named) == {source.sop_instance_uid for source in volume.plan.slices}
    assert series.SeriesInstanceUID == volume.plan.origin.series_uid


def test_a_finding_on_filled_slices_only_has_no_roi(make_dicom_case) -> None:
    result, volume = make_dicom_case("gaps")
    first, second = result.findings
    flat = replace(first, mask=FindingMask((10, 5, 5), np.ones((1, 3, 3), bool)))  # slice 10 was made up
    made = encode(replace(result, findings=(flat, second)), volume)
    assert [roi.ROIName for roi in made.StructureSetROISequence] == ["Nodule 2"]


def test_nothing_found_nothing_written(make_dicom_case, make_case, rejected) -> None:
    result, volume = make_dicom_case()
    assert rtstruct_dcm(replace(result, findings=()), volume) is None
    assert rtstruct_dcm(rejected, None) is None
    assert rtstruct_dcm(*make_case()) is None  # a volume without instances


@pytest.mark.parametrize("number", [1, 8, 30])
def test_every_number_has_a_colour(make_dicom_case, number: int) -> None:
    result, volume = make_dicom_case()
    findings = tuple(replace(result.findings[0], finding_id=n) for n in range(1, number + 1))
    colours = [
        tuple(roi.ROIDisplayColor) for roi in encode(replace(result, findings=findings), volume).ROIContourSequence
    ]
    assert all(0 <= value <= 255 for colour in colours for value in colour)
    assert len(set(colours)) == min(number, 21)
