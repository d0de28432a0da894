from __future__ import annotations

import zlib

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    EncapsulatedPDFStorage,
    EnhancedCTImageStorage,
    EnhancedSRStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    MediaStorageDirectoryStorage,
    SecondaryCaptureImageStorage,
    XRayRadiationDoseSRStorage,
)


def as_kind(sop_class: str, meta: bool = True):
    def edit(k: int, ds: Dataset) -> None:
        ds.SOPClassUID = sop_class
        if meta:
            ds.file_meta.MediaStorageSOPClassUID = sop_class

    return edit


def with_value(keyword: str, value: object):
    return lambda k, ds: setattr(ds, keyword, value)


def dose_report_as_enhanced_sr(k: int, ds: Dataset) -> None:
    as_kind(EnhancedSRStorage)(k, ds)
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "113701", "DCM", "X-Ray Radiation Dose Report"
    ds.ConceptNameCodeSequence = Sequence([code])


def frame_type(*kinds: str):
    def edit(k: int, ds: Dataset) -> None:
        group, item = Dataset(), Dataset()
        item.FrameType = list(kinds)
        group.CTImageFrameTypeSequence = Sequence([item])
        as_kind(EnhancedCTImageStorage)(k, ds)
        ds.ImageType = ["DERIVED", "PRIMARY", "MIXED"]
        ds.PerFrameFunctionalGroupsSequence = Sequence([Dataset(), group])

    return edit


def reformatted(**values: object):
    def edit(k: int, ds: Dataset) -> None:
        ds.ImageType, ds.BurnedInAnnotation = ["DERIVED", "SECONDARY", "REFORMATTED", "AVERAGE"], "NO"
        for keyword, value in values.items():
            setattr(ds, keyword, value)

    return edit


def overlay_in_the_pixels(k: int, ds: Dataset) -> None:
    ds.add_new(0x60020100, "US", 16)
    ds.add_new(0x60020102, "US", 12)


def without_place(k: int, ds: Dataset) -> None:
    del ds.ImagePositionPatient


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (as_kind(SecondaryCaptureImageStorage), "I_NOT_LISTED"),
        (as_kind(SecondaryCaptureImageStorage, meta=False), "I_NOT_LISTED"),  # the file meta information lies
        (as_kind(EncapsulatedPDFStorage), "I_NOT_LISTED"),
        (as_kind(GrayscaleSoftcopyPresentationStateStorage), "I_NOT_LISTED"),
        (as_kind(XRayRadiationDoseSRStorage), "I_NOT_LISTED"),
        (as_kind(EnhancedSRStorage), "I_NOT_LISTED"),  # no measurement report
        (dose_report_as_enhanced_sr, "I_NOT_LISTED"),
        (as_kind(MediaStorageDirectoryStorage), "I_DICOMDIR"),
        (with_value("BurnedInAnnotation", "YES"), "I_BURNED_IN"),
        (with_value("ImageType", ["DERIVED", "SECONDARY", "SCREEN SAVE"]), "I_BURNED_IN"),
        (with_value("ImageType", ["DERIVED", "SECONDARY"]), "I_BURNED_IN"),
        (with_value("ImageType", ["DERIVED", "PRIMARY", "VRT"]), "I_BURNED_IN"),
        (with_value("ImageType", ["ORIGINAL", "PRIMARY", "LOCALIZER"]), "I_LOCALIZER"),
        (with_value("PhotometricInterpretation", "RGB"), "I_BURNED_IN"),
        (frame_type("DERIVED", "SECONDARY", "SCREEN"), "I_BURNED_IN"),
        (frame_type("ORIGINAL", "PRIMARY", "LOCALIZER", "NONE"), "I_LOCALIZER"),
        (reformatted(BurnedInAnnotation=""), "I_BURNED_IN"),
        (reformatted(BurnedInAnnotation="YES"), "I_BURNED_IN"),
        (reformatted(BitsStored=8, HighBit=7), "I_BURNED_IN"),
        (reformatted(RescaleSlope=None), "I_BURNED_IN"),
        (reformatted(ImageType=["DERIVED", "SECONDARY", "OTHER"]), "I_BURNED_IN"),
        (overlay_in_the_pixels, "I_BURNED_IN"),
        (without_place, "I_BURNED_IN"),
    ],
)
def test_what_may_carry_text_or_is_not_listed_is_dropped(deidentify, ct, edit, code):
    def second(k: int, ds: Dataset) -> None:
        if k == 1:
            edit(k, ds)

    first, *_ = ct(n=2, edit=second)
    outcome = deidentify(first.parent)
    assert (outcome.written, outcome.count("dropped"), outcome.count("failed")) == (1, {code: 1}, {})


@pytest.mark.parametrize("kinds", [["DERIVED", "PRIMARY", "AXIAL"], ["ORIGINAL", "SECONDARY", "AXIAL"]])
def test_what_scanners_call_plain_slices_gets_through(deidentify, ct, kinds):
    (path,) = ct(edit=with_value("ImageType", kinds))
    assert deidentify(path.parent).written == 1


def test_reformatted_slices_that_are_declared_clean_get_through(deidentify, ct):
    (path,) = ct(edit=reformatted())
    assert deidentify(path.parent).written == 1


def test_one_odd_file_never_stops_the_rest(deidentify, ct, tmp_path):
    good, cut, nested, no_uid, bomb = ct(n=5)
    cut.write_bytes(cut.read_bytes()[:-20])
    sequence = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    nested.write_bytes(nested.read_bytes() + sequence * 3000)
    ds = pydicom.dcmread(no_uid)
    ds.SeriesInstanceUID = ""
    ds.save_as(no_uid)
    ds = pydicom.dcmread(bomb)
    ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    ds.save_as(bomb)
    head = bomb.read_bytes()[: 144 + pydicom.filereader.read_file_meta_info(bomb).FileMetaInformationGroupLength]
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb.write_bytes(head + deflater.compress(bytes(200 * 2**20)) + deflater.flush())
    (tmp_path / "in" / "notes.txt").write_text("ZZCANARY")
    (tmp_path / "in" / "alias").symlink_to(good)
    outcome = deidentify(tmp_path / "in")
    assert outcome.written == 1
    assert outcome.count("failed") == {"E_TRUNCATED": 1, "E_NESTING": 1, "E_NO_UID": 1, "E_INFLATE_LIMIT": 1}
    assert outcome.count("dropped") == {"I_NON_DICOM": 1, "I_NOT_REGULAR": 1}


def test_an_image_without_pixels_fails(deidentify, ct):
    def edit(k: int, ds: Dataset) -> None:
        del ds.PixelData

    (path,) = ct(edit=edit)
    assert deidentify(path.parent).count("failed") == {"E_NO_PIXELS": 1}


def test_copies_are_written_once_and_conflicts_are_told(deidentify, ct, tmp_path):
    (path,) = ct()
    data = path.read_bytes()
    (path.parent / "zz_copy").write_bytes(data)
    (path.parent / "zz_other").write_bytes(data[:-2] + b"\1\1")
    outcome = deidentify(path.parent)
    assert outcome.written == 1
    assert outcome.count("warned") == {"W_DUPLICATE_FILE": 1}
    assert outcome.count("failed") == {"E_UID_CONFLICT": 1}


def test_nothing_of_a_patient_is_printed_or_logged(deidentify, ct, capfd, caplog):
    def edit(k: int, ds: Dataset) -> None:
        ds.PatientName, ds.PatientID = "ZZCANARY^A", "ZZCANARY"

    first, second = ct(n=2, edit=edit)
    second.write_bytes(second.read_bytes()[:-20].replace(b"DS\x04\x00120 ", b"DS\x04\x00ZZCA"))
    outcome = deidentify(first.parent)
    assert outcome.count("failed") == {"E_TRUNCATED": 1}
    assert capfd.readouterr() == ("", "")
    assert not caplog.records
    assert "ZZCANARY" not in repr(outcome.records)
