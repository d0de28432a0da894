from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from resmtnet.pipelines.results.dicom.dicom_bytes import dicom_bytes, source_date
from resmtnet.pipelines.results.dicom.equipment import series_number
from resmtnet.pipelines.results.dicom.segment_colour import segment_colour
from resmtnet.pipelines.results.dicom.segmentation_dcm import segmentation_dcm
from resmtnet.pipelines.results.dicom.segmentation_labelmap_dcm import segmentation_labelmap_dcm


def decoded(data: bytes | None) -> Dataset:
    assert data is not None
    return pydicom.dcmread(io.BytesIO(data))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("tilted", "W_GANTRY_TILT"),
        ("uneven", "W_UNEVEN_SPACING"),
        ("gaps", "W_RESAMPLED"),
        ("jittered", "W_ORIENTATION_JITTER"),
    ],
)
def test_the_series_are_of_the_kinds_they_are_called(make_dicom_case, kind, code):
    assert make_dicom_case(kind)[1].codes == (code,)


def test_what_is_said_of_the_object(make_dicom_case):
    seg = decoded(segmentation_dcm(*make_dicom_case(bundle="lung_nodule_ct")))
    assert (seg.Modality, seg.SegmentationType, seg.SegmentsOverlap) == ("SEG", "BINARY", "NO")
    assert (seg.Manufacturer, seg.ManufacturerModelName) == ("resmtnet", "resmtnet lung_nodule_ct")
    assert seg.SoftwareVersions == "0 w1"
    assert "Research use only. Not a medical device." in seg.ContentDescription
    assert seg.SeriesDescription
    assert (seg.ContentDate, seg.ContentTime) == ("20000101", "120000")  # of the source, not of the clock
    for name in ("InstanceCreationDate", "InstanceCreationTime"):
        assert name not in seg
    assert [item.SegmentAlgorithmType for item in seg.SegmentSequence] == ["AUTOMATIC"] * 2
    for item in seg.SegmentSequence:
        (identification,) = item.SegmentationAlgorithmIdentificationSequence
        assert identification.AlgorithmVersion == "0 w1"


def test_two_forms_are_two_series(make_dicom_case):
    case = make_dicom_case()
    binary, labels = decoded(segmentation_dcm(*case)), decoded(segmentation_labelmap_dcm(*case))
    assert labels.SegmentationType == "LABELMAP"
    assert labels.SOPClassUID == "1.2.840.10008.5.1.4.1.1.66.7"
    for name in ("SOPInstanceUID", "SeriesInstanceUID", "SeriesNumber"):
        assert binary[name].value != labels[name].value
    assert [s.TrackingUID for s in binary.SegmentSequence] == [s.TrackingUID for s in labels.SegmentSequence[1:]]


def test_side_of_each_finding(make_dicom_case):
    result, volume = make_dicom_case()
    first, second = result.findings
    assert (first.lung_side, second.lung_side) == ("left", "right")
    unknown = replace(second, lung_side="unknown")
    seg = decoded(segmentation_dcm(replace(result, findings=(first, unknown)), volume))
    one, two = (item.AnatomicRegionSequence[0] for item in seg.SegmentSequence)
    assert one.AnatomicRegionModifierSequence[0].CodeMeaning == "Left"
    assert "AnatomicRegionModifierSequence" not in two


def test_distance_of_slices_along_the_normal(make_dicom_case):
    def measures(kind: str) -> Dataset:
        return (
            decoded(segmentation_dcm(*make_dicom_case(kind))).SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
        )

    for kind in ("axial", "tilted", "enhanced"):
        assert measures(kind).SpacingBetweenSlices == pytest.approx(2.0)
        assert measures(kind).SliceThickness == pytest.approx(2.0)
    for kind in ("uneven", "gaps"):
        assert "SpacingBetweenSlices" not in measures(kind)


def test_loss_is_carried_over(make_dicom_case):
    def lossy(k: int, ds: Dataset) -> None:
        if k == 11:  # one slice is enough
            ds.LossyImageCompression, ds.LossyImageCompressionRatio = "01", "7.5"
            ds.LossyImageCompressionMethod = "ISO_10918_1"

    seg = decoded(segmentation_dcm(*make_dicom_case(edit=lossy)))
    assert (seg.LossyImageCompression, seg.LossyImageCompressionRatio) == ("01", 7.5)
    assert seg.LossyImageCompressionMethod == "ISO_10918_1"
    assert decoded(segmentation_dcm(*make_dicom_case())).LossyImageCompression == "00"


def test_colours_stay_apart():
    colours = np.array([segment_colour(number).value for number in range(1, 22)], float)
    apart = np.linalg.norm(colours[:, None] - colours[None], axis=-1) / (65535 / 255)  # about one unit of CIELab each
    assert apart[~np.eye(len(colours), dtype=bool)].min() > 10  # 2.3 is just seen
    assert segment_colour(22).value == segment_colour(1).value


def test_series_numbers():
    header = Dataset()
    words = ("seg series", "seg labelmap series", "sr series", "sc series", "rtstruct series")
    header.SeriesNumber = 4
    assert [series_number(header, what) for what in words] == sorted({series_number(header, what) for what in words})
    assert series_number(header, "seg series") // 100 == 4
    header.SeriesNumber = 2**31 - 1
    assert 0 < series_number(header, "seg series") < 2**31
    assert series_number(Dataset(), "seg series") > 0


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"ContentDate": "20200102", "ContentTime": "0304", "StudyDate": "20200101"}, ("20200102", "0304")),
        ({"StudyDate": "20200101", "StudyTime": "later"}, ("20200101", "000000")),
        ({"StudyDate": ""}, ("19000101", "000000")),
    ],
)
def test_the_date_is_that_of_the_source(dates, expected):
    header = Dataset()
    for name, value in dates.items():
        header.add_new(name, "LO", value)
    assert source_date(header) == expected


def test_encoding_changes_nothing_of_what_is_given(make_dicom_case):
    seg = decoded(segmentation_dcm(*make_dicom_case()))
    seg.ContentDate, seg.PatientName, seg.InstanceCreationDate = "20240101", "A^B", "20240101"
    header = Dataset()
    header.PatientName, header.StudyInstanceUID, header.StudyDate = "C^D", "1.2.3", "20010203"
    made = decoded(dicom_bytes(seg, header))
    assert (made.ContentDate, made.PatientName, made.StudyInstanceUID) == ("20010203", "C^D", "1.2.3")
    assert "InstanceCreationDate" not in made
    assert (seg.ContentDate, seg.PatientName, seg.InstanceCreationDate) == ("20240101", "A^B", "20240101")
