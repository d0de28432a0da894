"""Rows on files: names, strangers in the folder, coding of the data set, cut and lying files."""

from __future__ import annotations

import shutil

import pydicom
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

SYNTAX = "E_TRANSFER_SYNTAX"


def scattered(series):
    """One series over folders of any depth, under names of all kinds."""
    names = [
        "a/1",
        "a/b/IM.0002",
        "c/x.dcm",
        "c/y.DCM",
        "c/z.ima",
        "d/README",
        "d/e/f/0",
        "1",
        "2.bin",
        "ü",
        "k",
        "l.txt",
    ]
    for path, name in zip(series.write(), names, strict=True):
        target = series.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)


def no_preamble(implicit):
    def make(series):
        for path in series.write():
            ds = pydicom.dcmread(path)
            del ds.file_meta
            ds.preamble = None
            ds.save_as(path, implicit_vr=implicit, little_endian=True, enforce_file_format=False)

    return make


def meta_without_preamble(series):
    for path in series.write():
        path.write_bytes(path.read_bytes()[132:])


def cut(bytes_left, number=4):
    def make(series):
        path = series.write()[number]
        path.write_bytes(path.read_bytes()[:bytes_left])

    return make


def junk(series):
    series.write(folder="deep/er")
    folder = series.folder
    (folder / "empty.dcm").touch()
    (folder / "note.txt").write_text("no image here")
    (folder / "text.dcm").write_text("no image here either, although it is called so" * 50)
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (folder / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (folder / "LICENSE").write_text("free")
    (folder / "report.pdf").write_bytes(b"%PDF-1.4")
    (folder / "DICM").write_bytes(bytes(128) + b"DICM")
    (folder / "almost").write_bytes(bytes(128) + b"DICN" + bytes(500))
    (folder / "link").symlink_to(folder / "note.txt")
    series.resave(series.write(folder="dir")[0], as_dicomdir, folder / "DICOMDIR")
    shutil.rmtree(folder / "dir")


def as_dicomdir(ds):
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"


def other_objects(series):
    files = series.write()
    # SEG SR PR RTSTRUCT RTDOSE dose report, secondary capture, PDF, waveform, surface, key objects
    tails = ("66.4", "88.33", "11.1", "481.3", "481.2", "88.67", "7", "104.1", "9.1.1", "66.5", "88.59")
    for n, tail in enumerate(tails):

        def change(ds, tail=tail):
            ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = f"1.2.840.10008.5.1.4.1.1.{tail}"

        series.resave(files[n], change, series.folder / f"object{n}")


def object_without_meta_class(series):
    """The class stands in the data set only."""
    path = series.write()[3]
    target = series.folder / "object"
    series.resave(path, lambda ds: setattr(ds, "SOPClassUID", "1.2.840.10008.5.1.4.1.1.88.33"), target)


def in_syntax(uid):
    return lambda s: s.write(lambda k, ds: setattr(ds.file_meta, "TransferSyntaxUID", uid))


def big_endian(series):
    def edit(k, ds):
        ds.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
        series.store(ds, series.stored(ds), ">i2")

    series.write(edit)


def mixed_syntaxes(series):
    def edit(k, ds):
        uids = (None, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian)
        if uids[k % 4]:
            ds.file_meta.TransferSyntaxUID = uids[k % 4]
        if k % 4 == 3:
            series.store(ds, series.stored(ds), ">i2")

    series.write(edit)


def deflate_bomb(series):
    def edit(k, ds):
        if k == 0:
            ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
            ds.add_new(0x00091001, "OB", bytes(80 * 2**20))

    series.write(edit)


def called(uid):
    """Give the files the name of another transfer syntax."""

    def make(series):
        old = b"1.2.840.10008.1.2.1\0"
        for path in series.write():
            new = uid.encode() + b"\0" * (len(uid) % 2)
            series.replace(path, b"UI\x14\x00" + old, b"UI" + len(new).to_bytes(2, "little") + new)

    return make


def called_implicit_but_explicit(series):
    called("1.2.840.10008.1.2")(series)


ROWS = {
    "row01_clean": (lambda s: s.write(), ""),
    "row01_scattered_over_folders": (scattered, ""),
    "row39_no_preamble": (no_preamble(True), "W_NO_PREAMBLE"),
    "row39_no_preamble_explicit": (no_preamble(False), "W_NO_PREAMBLE"),
    "row39_meta_without_preamble": (meta_without_preamble, "W_NO_PREAMBLE"),
    "row40_pixels_cut": (cut(-100), "E_TRUNCATED"),
    "row40_last_byte_cut": (cut(-1), "E_TRUNCATED"),
    "row40_header_cut": (cut(900), ["E_TRUNCATED", "E_MISSING_SLICES"]),
    "row41_junk": (junk, "", {"skipped": {"I_DICOMDIR": 1, "I_NON_DICOM": 9, "I_NOT_REGULAR": 1}}),
    "row42_other_objects": (other_objects, "", {"skipped": {"I_NON_IMAGE": 11}}),
    "row42_object_known_by_its_data_set": (object_without_meta_class, "", {"skipped": {"I_NON_IMAGE": 1}}),
    "row44_big_endian": (big_endian, ""),
    "row44_deflated": (in_syntax(DeflatedExplicitVRLittleEndian), ""),
    "row44_implicit": (in_syntax(ImplicitVRLittleEndian), ""),
    "row44_called_implicit_but_explicit": (called_implicit_but_explicit, ""),
    "row44_all_in_one_series": (mixed_syntaxes, ""),
    "row44_deflate_bomb": (
        deflate_bomb,
        ["W_UNREADABLE_NEIGHBOUR W_PARTIAL_COVERAGE", "E_INFLATE_LIMIT"],
        {"slices": 11},
    ),
    "row47_private_GE": (called("1.2.840.113619.5.2"), SYNTAX),
    "row47_MPEG2": (called("1.2.840.10008.1.2.4.100"), SYNTAX),
    "row47_JPEG_baseline": (called("1.2.840.10008.1.2.4.50"), SYNTAX),
    "row47_unknown": (called("2.25.99"), SYNTAX),
    "row47_no_uid_at_all": (called("../../etc/passwd"), SYNTAX),
    "row48_65535_rows": (lambda s: s.set(Rows=65535, Columns=65535), "E_PIXEL_LENGTH"),
    "row48_one_row_too_many": (lambda s: s.set(Rows=33), "E_PIXEL_LENGTH"),
    "row48_one_row_too_few": (lambda s: s.set(Rows=31), "E_PIXEL_LENGTH"),
    "row48_no_rows": (lambda s: s.set(Rows=0), "E_PIXEL_LENGTH"),
    "row48_rows_missing": (lambda s: s.drop("Rows"), "E_PIXEL_LENGTH"),
    "row48_many_frames_in_a_single_frame_class": (lambda s: s.set(NumberOfFrames=12), "E_PIXEL_FORMAT"),
    "row48_an_empty_count_of_frames": (lambda s: s.set(NumberOfFrames=None), ""),
    "row48_no_pixels": (lambda s: s.drop("PixelData"), "E_NO_PIXELS"),
    "row52_burned_in_text": (lambda s: s.set(BurnedInAnnotation="YES"), "W_BURNED_IN"),
    "row52_derived": (lambda s: s.set(ImageType=["DERIVED", "PRIMARY", "MPR"]), "W_DERIVED"),
    "row52_screen_save": (
        lambda s: s.set(ImageType=["DERIVED", "SECONDARY", "SCREEN SAVE"]),
        [],
        {"skipped": {"I_NON_IMAGE": 12}},
    ),
    "beyond_an_element_twice": (
        lambda s: [
            s.replace(path, b"\x28\x00\x11\x00US\x02\x00\x28\x00", b"\x28\x00\x10\x00US\x02\x00\x28\x00")
            for path in s.write()
        ],
        "E_BAD_HEADER",
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_row(name, check_row):
    make, expected, *more = ROWS[name]
    check_row(make, expected, **(more[0] if more else {}))


def test_row47_names_the_transfer_syntax(series, ingest):
    called("1.2.840.113619.5.2")(series)
    ((code, reason),) = ingest(series.folder).refused
    assert (code, "1.2.840.113619.5.2" in reason) == (SYNTAX, True)


def test_row47_a_name_that_is_no_uid_is_not_shown(series, ingest):
    called("../../etc/passwd")(series)
    ((_, reason),) = ingest(series.folder).refused
    assert "etc" not in reason
