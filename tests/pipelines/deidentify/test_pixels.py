from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLossless,
    RLELossless,
)

from resmtnet.pipelines.deidentify.blank_comments import blank_comments


def stored(path: Path) -> np.ndarray:
    """Stored values, read with nothing but numpy and the length of the pixel data."""
    ds = pydicom.dcmread(path)
    order = ">" if ds.file_meta.TransferSyntaxUID == ExplicitVRBigEndian else "<"
    return np.frombuffer(ds.PixelData, f"{order}i2")


def rewrite(path: Path, syntax: str) -> None:
    ds = pydicom.dcmread(path)
    # numbers of every size, at both depths, that a missing swap would spoil
    ds.add_new("PixelPaddingValue", "SS", -2000)
    ds.CTDIvol, ds.DimensionIndexPointer = 12.25, 0x00200032
    item = pydicom.Dataset()
    item.DimensionIndexValues, item.ReferencedSegmentNumber = [1, 70000], 258
    ds.FrameContentSequence = pydicom.Sequence([item])
    ds.file_meta.TransferSyntaxUID = syntax
    if syntax == ExplicitVRBigEndian:  # pydicom leaves the words of OW as they are
        ds.PixelData = np.frombuffer(ds.PixelData, "<i2").astype(">i2").tobytes()
    implicit, little = syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian
    pydicom.dcmwrite(path, ds, implicit_vr=implicit, little_endian=little, force_encoding=True)


@pytest.mark.parametrize(
    "syntax",
    [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian],
    ids=lambda uid: uid.name,
)
def test_native_pixels_come_out_in_explicit_little_endian(deidentify, ct, syntax):
    (path,) = ct()
    before = stored(path)
    rewrite(path, syntax)
    np.testing.assert_array_equal(stored(path), before)
    (made,) = deidentify(path.parent).files
    ds = pydicom.dcmread(made)
    assert ds.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    np.testing.assert_array_equal(stored(made), before)
    assert (ds.Rows, ds.Columns, ds.PixelPaddingValue) == (6, 8, -2000)
    assert (ds.CTDIvol, ds.DimensionIndexPointer) == (12.25, 0x00200032)
    (item,) = ds.FrameContentSequence
    assert (list(item.DimensionIndexValues), item.ReferencedSegmentNumber) == ([1, 70000], 258)


def test_compressed_pixels_are_copied_as_they_are(deidentify, ct):
    (path,) = ct()
    ds = pydicom.dcmread(path)
    values = ds.pixel_array.copy()
    ds.compress(RLELossless)
    ds.save_as(path)
    (frame,) = generate_frames(ds.PixelData, number_of_frames=1)
    (made,) = deidentify(path.parent).datasets
    assert made.file_meta.TransferSyntaxUID == RLELossless
    assert next(generate_frames(made.PixelData, number_of_frames=1)) == frame
    np.testing.assert_array_equal(made.pixel_array, values)


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


JPEG = (
    b"\xff\xd8"
    + segment(0xE1, b"Exif\0\0ZZCANARY")
    + segment(0xFE, b"ZZCANARY")
    + segment(0xC3, b"\x10frame header")
    + segment(0xDA, b"scan")
    + b"entropy\xff\x00coded\xff\xd9"
)
JPEG_2000 = (
    b"\xff\x4f" + segment(0x51, b"size" * 10) + segment(0x64, b"\0\1ZZCANARY") + segment(0x90, b"tile") + b"\xff\xd9"
)


@pytest.mark.parametrize(("stream", "syntax"), [(JPEG, JPEGLossless), (JPEG_2000, JPEG2000Lossless)])
def test_comments_in_a_compressed_stream_are_blanked(deidentify, ct, stream, syntax):
    (path,) = ct()
    ds = pydicom.dcmread(path)
    ds.file_meta.TransferSyntaxUID = syntax
    ds.PixelData = encapsulate([stream + b"\0" * (len(stream) % 2)])
    ds["PixelData"].VR = "OB"
    ds.save_as(path)
    outcome = deidentify(path.parent)
    assert outcome.written == 1
    assert b"ZZCANARY" not in outcome.all_bytes
    blank = b"\0" * 8
    expected = stream.replace(b"Exif\0\0ZZCANARY", b"\0" * 14).replace(b"ZZCANARY", blank)
    assert blank_comments(stream) == expected
    assert expected in outcome.files[0].read_bytes()


@pytest.mark.parametrize(
    "garbage", [b"\xff\xd8\xff", b"\xff\xd8\xff\xfe\xff\xff", b"\xff\x4f\xff\x64\0\0", b"", b"\xff\xd8" * 9]
)
def test_a_broken_stream_keeps_its_length(garbage):
    assert len(blank_comments(garbage)) == len(garbage)


def test_bytes_behind_the_last_voxel_are_not_copied(deidentify, ct):
    (path,) = ct(edit=lambda k, ds: setattr(ds, "PixelData", ds.PixelData + b"ZZCANARY"))
    outcome = deidentify(path.parent)
    assert outcome.written == 1
    assert b"ZZCANARY" not in outcome.all_bytes
    assert len(outcome.datasets[0].PixelData) == 6 * 8 * 2


def test_a_short_value_of_pixels_fails_that_file_only(deidentify, ct):
    def edit(k, ds):
        if k == 1:
            ds.PixelData = ds.PixelData[:-2]

    first, *_ = ct(n=3, edit=edit)
    outcome = deidentify(first.parent)
    assert outcome.written == 2
    assert outcome.count("failed") == {"E_PIXEL_LENGTH": 1}
