from __future__ import annotations

import gzip
import io
from dataclasses import replace

import nibabel as nib
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from resmtnet.pipelines.datasets.read_seg import read_seg
from resmtnet.pipelines.records import CaseResult, FindingMask, Volume
from resmtnet.pipelines.results.dicom.result_uid import result_uid
from resmtnet.pipelines.results.dicom.segmentation_dcm import segmentation_dcm
from resmtnet.pipelines.results.nodules_nifti import nodules_nifti
from resmtnet.transforms.grid import Grid

TYPES = ("BINARY", "LABELMAP")
PLACE_TOLERANCE = 0.01  # of a voxel: rounding of decimal strings
UNEVEN_TOLERANCE = 0.1  # of a step: what ingest takes for regular
Voxels = dict[int, set[tuple[int, int, int]]]


def encode(result: CaseResult, volume: Volume | None, kind: str = "BINARY") -> Dataset:
    data = segmentation_dcm(result, volume, kind=kind)
    assert data is not None
    return pydicom.dcmread(io.BytesIO(data))


def read_by_pydicom(seg: Dataset, volume: Volume) -> Voxels:
    """Voxels (i, j, k) of the volume by segment, from the patient coordinates that the frames give their pixels."""
    shared = seg.SharedFunctionalGroupsSequence[0]
    iop = np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float)
    between_rows, between_columns = map(float, shared.PixelMeasuresSequence[0].PixelSpacing)
    found: Voxels = {}
    pixels = seg.pixel_array.reshape(-1, seg.Rows, seg.Columns)
    for frame, group in zip(pixels, seg.PerFrameFunctionalGroupsSequence, strict=True):
        corner = np.array(group.PlanePositionSequence[0].ImagePositionPatient, float)
        for value in sorted(set(np.unique(frame).tolist()) - {0}):
            number = value
            if seg.SegmentationType == "BINARY":
                own = group if "SegmentIdentificationSequence" in group else shared
                number = own.SegmentIdentificationSequence[0].ReferencedSegmentNumber
            j, i = np.nonzero(frame == value)
            lps = corner + np.outer(i * between_columns, iop[:3]) + np.outer(j * between_rows, iop[3:])
            ijk = np.linalg.solve(volume.affine_lps[:3, :3], (lps - volume.affine_lps[:3, 3]).T).T
            off = np.abs(ijk - np.rint(ijk)).max(axis=0)
            uneven = "W_UNEVEN_SPACING" in volume.codes
            assert (off < (PLACE_TOLERANCE, PLACE_TOLERANCE, UNEVEN_TOLERANCE if uneven else PLACE_TOLERANCE)).all()
            found.setdefault(number, set()).update(map(tuple, np.rint(ijk).astype(int).tolist()))
    return found


def read_nifti(result: CaseResult, volume: Volume) -> Voxels:
    """Voxels (i, j, k) of the volume by finding, from the coordinates of the NIfTI file."""
    data = nodules_nifti(result, volume)
    assert data is not None
    image = nib.Nifti1Image.from_bytes(gzip.decompress(data))
    labels = np.asarray(image.dataobj)
    to_ijk = np.linalg.inv(volume.affine_lps) @ np.diag([-1.0, -1, 1, 1]) @ image.affine
    found: Voxels = {}
    for number in sorted(set(np.unique(labels).tolist()) - {0}):
        index = np.argwhere(labels == number)
        ijk = index @ to_ijk[:3, :3].T + to_ijk[:3, 3]
        assert np.abs(ijk - np.rint(ijk)).max() < PLACE_TOLERANCE
        found[number] = set(map(tuple, np.rint(ijk).astype(int).tolist()))
    return found


def test_the_voxels_are_those_of_the_nifti_in_the_patient(any_dicom_case):
    result, volume = any_dicom_case
    assert len(result.findings) == 2
    expected = read_nifti(result, volume)
    if "W_RESAMPLED" in volume.codes:
        real = {round(float(z)) for z in _steps(volume)}
        assert any(k not in real for voxels in expected.values() for _, _, k in voxels)
        expected = {n: {voxel for voxel in voxels if voxel[2] in real} for n, voxels in expected.items()}
    for kind in TYPES:
        assert read_by_pydicom(encode(result, volume, kind), volume) == expected


def _steps(volume: Volume) -> np.ndarray:
    places = np.array([source.position_lps for source in volume.plan.slices])
    return (places - volume.affine_lps[:3, 3]) @ np.linalg.inv(volume.affine_lps[:3, :3]).T[:, 2]


def test_each_frame_is_of_the_slice_it_names(any_dicom_case):
    result, volume = any_dicom_case
    for kind in TYPES:
        check_references(encode(result, volume, kind), volume)


def check_references(seg: Dataset, volume: Volume) -> None:
    sources = {(source.sop_instance_uid, source.frame): source for source in volume.plan.slices}
    many = len({uid for uid, _ in sources}) == 1
    for group in seg.PerFrameFunctionalGroupsSequence:
        (derivation,) = group.DerivationImageSequence
        (item,) = derivation.SourceImageSequence
        assert ("ReferencedFrameNumber" in item) == many
        source = sources[item.ReferencedSOPInstanceUID, int(item.get("ReferencedFrameNumber", 1)) - 1]
        assert tuple(group.PlanePositionSequence[0].ImagePositionPatient) == source.position_lps
        assert item.ReferencedSOPClassUID.name == ("Enhanced CT Image Storage" if many else "CT Image Storage")
    (series,) = seg.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == volume.plan.origin.series_uid
    named = [item.ReferencedSOPInstanceUID for item in series.ReferencedInstanceSequence]
    assert len(named) == len(set(named)) == (1 if many else len(seg.SourceImageSequence))


@pytest.mark.parametrize("kind", ["axial", "sagittal", "oblique", "tilted", "jittered", "enhanced"])
def test_read_by_the_reader_of_the_data_sets(make_dicom_case, kind):
    result, volume = make_dicom_case(kind)
    found = read_seg(encode(result, volume), Grid(volume.hu.shape, volume.affine_lps))
    for segment, finding in zip(found, result.findings, strict=True):
        assert segment.start_kji == finding.mask.start_kji
        np.testing.assert_array_equal(segment.voxels, finding.mask.voxels)


def test_dciodvfy_finds_no_error(any_dicom_case, dicom_errors):
    data = segmentation_dcm(*any_dicom_case)
    assert data is not None
    assert dicom_errors(data) == []


def test_dciodvfy_would_find_an_error(make_dicom_case, dicom_errors):
    seg = encode(*make_dicom_case())
    del seg.SegmentSequence[0].SegmentAlgorithmType
    stream = io.BytesIO()
    seg.save_as(stream)
    assert dicom_errors(stream.getvalue())


def test_nothing_found_nothing_written(make_dicom_case, make_case, rejected):
    result, volume = make_dicom_case()
    assert segmentation_dcm(replace(result, findings=()), volume) is None
    assert segmentation_dcm(rejected, None) is None
    assert segmentation_dcm(*make_case()) is None  # a volume without instances


def test_overlapping_masks(make_dicom_case):
    result, volume = make_dicom_case(offsets_mm=((0, 0, 0), (5, 0, 0)))
    one, two = (
        set(map(tuple, (np.argwhere(f.mask.voxels) + f.mask.start_kji)[:, ::-1].tolist())) for f in result.findings
    )
    assert one & two
    binary = encode(result, volume)
    assert binary.SegmentsOverlap == "YES"
    assert read_by_pydicom(binary, volume) == {1: one, 2: two}
    labels = encode(result, volume, "LABELMAP")
    assert read_by_pydicom(labels, volume) == read_nifti(result, volume) == {1: one, 2: two - one}


def test_a_finding_on_filled_slices_only_gets_no_segment(make_dicom_case):
    result, volume = make_dicom_case("gaps")
    first, second = result.findings
    flat = replace(first, mask=FindingMask((10, 5, 5), np.ones((1, 3, 3), bool)))  # slice 10 was made up
    seg = encode(replace(result, findings=(flat, second)), volume)
    (segment,) = seg.SegmentSequence
    assert (segment.SegmentNumber, segment.TrackingID) == (1, "Nodule 2")
    assert segment.TrackingUID == result_uid(result, "finding 2")
    assert segmentation_dcm(replace(result, findings=(flat,)), volume) is None


def test_a_mask_beyond_the_grid_is_refused(make_dicom_case):
    result, volume = make_dicom_case()
    far = replace(result.findings[0], mask=FindingMask((23, 0, 0), np.ones((2, 2, 2), bool)))
    with pytest.raises(ValueError, match="mask of finding 1"):
        segmentation_dcm(replace(result, findings=(far,)), volume)
