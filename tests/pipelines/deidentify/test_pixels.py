from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
    RTStructureSetStorage,
)


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


def test_compressed_pixels_stay_compressed(deidentify, ct):
    (path,) = ct()
    ds = pydicom.dcmread(path)
    values = ds.pixel_array.copy()
    ds.compress(RLELossless)
    ds.save_as(path)
    (made,) = deidentify(path.parent).datasets
    assert made.file_meta.TransferSyntaxUID == RLELossless
    np.testing.assert_array_equal(made.pixel_array, values)


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


@pytest.mark.parametrize(("signed", "unused"), [(0, 0xF000), (1, 0x5000)])
def test_bits_that_hold_no_pixels_are_cleared(deidentify, ct, signed, unused):
    values = np.random.default_rng(1).integers(0, 4096, (6, 8)).astype(np.uint16)

    def edit(k, ds):
        ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 12, 11, signed
        ds.PixelData = (values | unused).astype("<u2").tobytes()

    (path,) = ct(edit=edit)
    (ds,) = deidentify(path.parent).datasets
    expected = values.astype(int) - 4096 * (values > 2047) * signed
    np.testing.assert_array_equal(np.frombuffer(ds.PixelData, "<i2").reshape(6, 8), expected)


@pytest.mark.parametrize("undefined", [False, True])
def test_a_sequence_before_them_does_not_disturb_the_values_of_pixels(deidentify, ct, undefined):
    def edit(k, ds):
        ds.ReferencedImageSequence = pydicom.Sequence([pydicom.Dataset()])
        ds["ReferencedImageSequence"].is_undefined_length = undefined

    (path,) = ct(edit=edit)
    (before,), (after,) = [pydicom.dcmread(path)], deidentify(path.parent).datasets
    keywords = [element.keyword for element in before if element.tag.group == 0x0028]
    assert "PixelRepresentation" in keywords
    assert [after[keyword].value for keyword in keywords] == [before[keyword].value for keyword in keywords]


def test_only_images_have_pixels(deidentify, ct):
    (path,) = ct(edit=lambda k, ds: setattr(ds, "SOPClassUID", RTStructureSetStorage))
    (ds,) = deidentify(path.parent).datasets
    assert "PixelData" not in ds
