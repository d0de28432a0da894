"""What the reading makes of a scan is the same before and after."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pydicom
import pytest
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_sequence
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import EnhancedCTImageStorage

from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.ingest.read_volume import read_volume


def readings(folder: Path) -> list[tuple]:
    """Every volume and refusal, without the ids, which are other ones."""
    scans = plan_scans(folder)
    found = [(rejection.code, rejection.n_files) for rejection in scans.rejections]
    for plan in (plan for plan in scans.plans if plan.kind == "dicom"):  # a folder has NIfTI files beside
        try:
            outcome = read_volume(plan).digest
        except IngestError as error:
            outcome = error.code
        found.append((plan.codes, plan.shape_ijk, plan.affine_lps.tobytes(), outcome))
    return sorted(found, key=repr)


def frame(single: Dataset) -> Dataset:
    item, position, content = Dataset(), Dataset(), Dataset()
    position.ImagePositionPatient = single.ImagePositionPatient
    content.FrameComments, content.FrameAcquisitionDateTime = "ZZCANARY", "20000101120000"
    content.StackID, content.InStackPositionNumber = "1", int(single.InstanceNumber)
    item.PlanePositionSequence, item.FrameContentSequence = Sequence([position]), Sequence([content])
    return item


def join(paths: tuple[Path, ...]) -> Path:
    """Make one enhanced file of single slices."""
    singles = [pydicom.dcmread(path) for path in paths]
    ds = singles[0]
    shared, measures, orientation, rescale = Dataset(), Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = ds.PixelSpacing, ds.SliceThickness
    orientation.ImageOrientationPatient = ds.ImageOrientationPatient
    rescale.RescaleSlope, rescale.RescaleIntercept, rescale.RescaleType = 1, -1024, "HU"
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = Sequence([measures]), Sequence([orientation])
    shared.PixelValueTransformationSequence = Sequence([rescale])
    frames = [frame(single) for single in singles]
    pixels = b"".join(single.PixelData for single in singles)
    for name in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "RescaleSlope", "RescaleIntercept"):
        delattr(ds, name)
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = EnhancedCTImageStorage
    ds.SharedFunctionalGroupsSequence, ds.PerFrameFunctionalGroupsSequence = Sequence([shared]), Sequence(frames)
    ds.NumberOfFrames, ds.PixelData = len(frames), pixels
    for path in paths:
        path.unlink()
    ds.save_as(paths[0].parent / "enhanced")
    return paths[0].parent


def test_an_enhanced_image_gives_the_same_volume(deidentify, ct):
    folder = join(ct(n=5))
    outcome = deidentify(folder)
    assert outcome.written == 1
    assert b"ZZCANARY" not in outcome.all_bytes
    (ds,) = outcome.datasets
    (content,) = ds.PerFrameFunctionalGroupsSequence[0].FrameContentSequence
    assert content.FrameAcquisitionDateTime == f"{ds.StudyDate}120000"
    assert len(readings(folder)[0]) == 4  # a volume, not a refusal
    assert readings(outcome.output) == readings(folder)


def as_unknown(path: Path) -> None:
    """Write the elements of geometry and one sequence as a system does that does not know them (PS3.5 6.2.2)."""
    ds = pydicom.dcmread(path)
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = ds.SOPClassUID, "1.2.3.98989898"
    ds.ReferencedImageSequence = Sequence([item])
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, True
    write_sequence(buffer, ds["ReferencedImageSequence"], ["ascii"])
    values = {
        "ReferencedImageSequence": buffer.getvalue(),
        "ImagePositionPatient": "\\".join(map(str, ds.ImagePositionPatient)).encode(),
        "PixelSpacing": b"0.8\\0.7",
    }
    unknown = b""
    for keyword, value in values.items():
        delattr(ds, keyword)
        tag, padded = Tag(tag_for_keyword(keyword)), value + b" " * (len(value) % 2)
        unknown += struct.pack("<HH2sHL", tag.group, tag.element, b"UN", 0, len(padded)) + padded
    ds.save_as(path)
    head, pixels, rest = path.read_bytes().rpartition(b"\xe0\x7f\x10\x00OW")
    path.write_bytes(head + unknown + pixels + rest)


def test_attributes_that_another_system_did_not_know_are_read(deidentify, ct):
    paths = ct(n=4)
    for path in paths:
        as_unknown(path)
    outcome = deidentify(paths[0].parent)
    assert len(readings(paths[0].parent)[0]) == 4
    assert readings(outcome.output) == readings(paths[0].parent)
    (reference,) = outcome.datasets[0].ReferencedImageSequence
    assert reference.ReferencedSOPInstanceUID.startswith("2.25.")
    assert b"98989898" not in outcome.all_bytes


def test_members_of_a_zip_archive_are_taken_too(deidentify, ct, tmp_path):
    paths = ct(n=4)
    (tmp_path / "zipped").mkdir()
    with zipfile.ZipFile(tmp_path / "zipped" / "export.zip", "w") as archive:
        for n, path in enumerate(paths):
            archive.write(path, f"ZZCANARY/{n}")
    plain, zipped = deidentify(paths[0].parent, "plain"), deidentify(tmp_path / "zipped", "unzipped")
    assert zipped.written == 4
    assert zipped.all_bytes == plain.all_bytes


@pytest.mark.data
@pytest.mark.parametrize(
    "name", ["tiny_chest_ct", "lidc_dicom/LIDC-IDRI-0001", "odd_dicom/gantrytilting", "odd_dicom/sliceincrement"]
)
def test_real_scans_are_read_alike_before_and_after(deidentify, shared_data, name):
    outcome = deidentify(shared_data / name)
    assert outcome.count("failed") == {}
    assert set(outcome.count("dropped")) <= {"I_NON_DICOM"}
    assert readings(outcome.output) == readings(shared_data / name)
    assert {ds.PatientIdentityRemoved for ds in outcome.datasets} == {"YES"}
