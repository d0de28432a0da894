from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from skimage.segmentation import find_boundaries

from resmtnet.pipelines.records import CaseResult, FindingMask, Volume
from resmtnet.pipelines.results.dicom.key_images_dcm import OUTLINE_RGB, key_images_dcm

WINDOW_HU = (-1350.0, 150.0)
GREY_TOLERANCE = 0.51  # of 255: rounding to whole grey values
ORIENTATIONS = {
    "axial": ["L", "P"],
    "sagittal": ["P", "F"],
    "oblique": ["LPF", "PRF"],  # by hand, from the columns of its affine
    "tilted": ["L", "P"],
    "enhanced": ["L", "P"],
}


def encode(result: CaseResult, volume: Volume | None) -> dict[str, Dataset]:
    images = key_images_dcm(result, volume)
    assert images is not None
    return {name: pydicom.dcmread(io.BytesIO(data)) for name, data in images.items()}


def on_slice(result: CaseResult, volume: Volume, image: Dataset) -> tuple[int, np.ndarray]:
    """The slice k of the volume that the image says it shows, and the mask of its finding there."""
    (source,) = image.SourceImageSequence
    frame = int(source.get("ReferencedFrameNumber", 1)) - 1
    uid = source.ReferencedSOPInstanceUID
    (place,) = [s.position_lps for s in volume.plan.slices if (s.sop_instance_uid, s.frame) == (uid, frame)]
    k = round(float(np.linalg.solve(volume.affine_lps, [*place, 1])[2]))
    mask = np.zeros(volume.hu.shape, bool)
    finding = result.findings[int(image.InstanceNumber) - 1]
    cut = tuple(slice(a, a + n) for a, n in zip(finding.mask.start_kji, finding.mask.voxels.shape, strict=True))
    mask[cut] = finding.mask.voxels
    return k, mask[k]


def test_the_slice_in_grey_with_a_ring_round_the_finding(any_dicom_case) -> None:
    result, volume = any_dicom_case
    images = encode(result, volume)
    assert list(images) == ["finding_01.dcm", "finding_02.dcm"]
    for image in images.values():
        k, mask = on_slice(result, volume, image)
        pixels = image.pixel_array
        ring = (pixels == OUTLINE_RGB).all(axis=-1)
        assert mask.any()
        np.testing.assert_array_equal(ring, find_boundaries(mask, connectivity=2, mode="outer"))
        low, high = WINDOW_HU
        expected = (np.clip(volume.hu[k].astype(float), low, high) - low) / (high - low) * 255
        assert np.abs(pixels[~ring] - expected[~ring][:, None]).max() < GREY_TOLERANCE


def test_the_key_slice_is_shown(make_dicom_case) -> None:
    result, volume = make_dicom_case()
    for image, finding in zip(encode(result, volume).values(), result.findings, strict=True):
        assert on_slice(result, volume, image)[0] == finding.key_slice_k


def test_where_the_key_slice_misses_the_finding_the_fullest_slice_is_shown(make_dicom_case) -> None:
    result, volume = make_dicom_case("sagittal")
    astray = replace(result.findings[0], key_slice_k=0)
    (image,) = encode(replace(result, findings=(astray,)), volume).values()
    k, _ = on_slice(result, volume, image)
    assert k - astray.mask.start_kji[0] == astray.mask.voxels.sum(axis=(1, 2)).argmax()


@pytest.mark.parametrize("kind", ORIENTATIONS)
def test_orientation_and_spacing(make_dicom_case, kind: str) -> None:
    image = next(iter(encode(*make_dicom_case(kind)).values()))
    assert list(image.PatientOrientation) == ORIENTATIONS[kind]
    assert list(map(float, image.PixelSpacing)) == pytest.approx([1.1, 0.9])  # between rows first


def test_no_text_in_the_pixels_and_research_use_beside_them(make_dicom_case) -> None:
    result, volume = make_dicom_case()
    image = encode(result, volume)["finding_01.dcm"]
    assert image.BurnedInAnnotation == "NO"
    assert "research use only" in image.SeriesDescription
    assert image.ImageComments.endswith("Research use only. Not a medical device.")
    assert image.ContentQualification == "RESEARCH"
    assert (image.DateOfSecondaryCapture, image.ContentDate) == ("20000101", "20000101")  # of the source


def test_a_finding_on_filled_slices_only_is_shown_on_the_next_slice(make_dicom_case) -> None:
    result, volume = make_dicom_case("gaps")
    flat = replace(
        result.findings[0], key_slice_k=10, mask=FindingMask((10, 5, 5), np.ones((1, 3, 3), bool))
    )  # slices 9 and 10 were made up
    (image,) = encode(replace(result, findings=(flat,)), volume).values()
    assert on_slice(result, volume, image)[0] == 11
    assert not (image.pixel_array == OUTLINE_RGB).all(axis=-1).any()


def test_nothing_to_show(make_dicom_case, make_case, rejected) -> None:
    result, volume = make_dicom_case()
    assert key_images_dcm(replace(result, findings=()), volume) is None
    assert key_images_dcm(rejected, None) is None
    assert key_images_dcm(*make_case()) is None  # a volume without instances
