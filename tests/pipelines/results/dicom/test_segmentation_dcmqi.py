"""What dcmqi, which 3D Slicer reads segmentations with, makes of ours."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from resmtnet.pipelines.records import CaseResult, Volume
from resmtnet.pipelines.results.dicom.result_uid import result_uid
from resmtnet.pipelines.results.dicom.segmentation_dcm import segmentation_dcm

PLACE_MM = 1e-3


def expected_labels(result: CaseResult, volume: Volume) -> np.ndarray:
    """Labels ``(k, j, i)`` of the slices from the first to the last that shows a finding."""
    labels = np.zeros(volume.hu.shape, int)
    for finding in reversed(result.findings):
        place = tuple(slice(a, a + n) for a, n in zip(finding.mask.start_kji, finding.mask.voxels.shape, strict=True))
        labels[place][finding.mask.voxels] = finding.finding_id
    if "W_RESAMPLED" in volume.codes:
        labels[[k for k in range(len(labels)) if k not in real_slices(volume)]] = 0
    shown = np.flatnonzero(labels.any(axis=(1, 2)))
    return labels[shown[0] : shown[-1] + 1]


def real_slices(volume: Volume) -> dict[int, tuple[float, float, float]]:
    """Positions by slice of the volume: the one that is nearest."""
    to_ijk = np.linalg.inv(volume.affine_lps)
    return {round(float((to_ijk @ [*s.position_lps, 1])[2])): s.position_lps for s in volume.plan.slices}


def test_it_reads_geometry_and_voxels(any_dicom_case, read_by_dcmqi):
    for kind in ("BINARY", "LABELMAP"):
        image, _ = read_by_dcmqi(segmentation_dcm(*any_dicom_case, kind=kind))
        check_image(image, *any_dicom_case)


def check_image(image: sitk.Image, result: CaseResult, volume: Volume) -> None:
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), expected_labels(result, volume))
    axes = volume.affine_lps[:3, :3].copy()
    # an ITK image cannot be sheared: its slices stand above each other
    axes[:, 2] = np.cross(axes[:, 0], axes[:, 1]) / np.linalg.norm(np.cross(axes[:, 0], axes[:, 1])) * 2.0
    places = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    np.testing.assert_allclose(places, axes, atol=PLACE_MM)
    first = min(f.mask.start_kji[0] for f in result.findings)
    first = min(k for k in real_slices(volume) if k >= first)
    np.testing.assert_allclose(image.GetOrigin(), real_slices(volume)[first], atol=PLACE_MM)


def test_it_reads_codes_and_names(make_dicom_case, read_by_dcmqi):
    result, volume = make_dicom_case()
    _, meta = read_by_dcmqi(segmentation_dcm(result, volume))
    (group,) = meta["segmentAttributes"]
    code = {"CodingSchemeDesignator": "SCT"}
    for number, (segment, side) in enumerate(zip(group, (("7771000", "Left"), ("24028007", "Right")), strict=True), 1):
        assert segment["AnatomicRegionSequence"] == {"CodeValue": "39607008", "CodeMeaning": "Lung", **code}
        assert segment["AnatomicRegionModifierSequence"] == {"CodeValue": side[0], "CodeMeaning": side[1], **code}
        assert segment["SegmentedPropertyCategoryCodeSequence"]["CodeValue"] == "49755003"
        assert segment["SegmentedPropertyTypeCodeSequence"]["CodeValue"] == "27925004"
        assert segment["SegmentAlgorithmType"] == "AUTOMATIC"
        assert (segment["labelID"], segment["SegmentLabel"]) == (number, f"Nodule {number}")
        assert segment["TrackingIdentifier"] == f"Nodule {number}"
        assert segment["TrackingUniqueIdentifier"] == result_uid(result, f"finding {number}")
    assert group[0]["recommendedDisplayRGBValue"] != group[1]["recommendedDisplayRGBValue"]
