"""Files whose contents are meant to mislead: codestreams, directories, private data, preambles, text and numbers."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless


@pytest.mark.parametrize("uid", [JPEGLSLossless, JPEG2000Lossless, RLELossless], ids=lambda uid: uid.name[:9])
@pytest.mark.parametrize(("inside", "said"), [(32, 2048), (2048, 32)])
def test_t04_a_codestream_of_another_size(uid, inside, said, write, ingest):
    """Far smaller, and far larger, than the header says: neither is cropped nor allocated."""
    plugin = {JPEGLSLossless: "pyjpegls", JPEG2000Lossless: "pylibjpeg", RLELossless: "pydicom"}[uid]

    def edit(k, ds):
        ds.Rows = ds.Columns = inside
        ds.PixelData = bytes(inside * inside * 2)
        ds.compress(uid, encoding_plugin=plugin, generate_instance_uid=False)
        ds.Rows = ds.Columns = said

    files = write(edit, name="scans/bad")
    write(seed=1, name="scans/good")
    outcome = ingest(files[0].parent.parent)
    assert [code for code, _ in outcome.refused] == ["E_CODESTREAM_MISMATCH"]
    assert [volume.codes for volume in outcome.volumes] == [()]


def test_t10_a_dicomdir_leads_nowhere(write, ingest, tmp_path):
    write(seed=1)
    outside = write(seed=2, name="outside")
    record, meta = Dataset(), pydicom.dcmread(outside[0]).file_meta
    record.add_new("ReferencedFileID", "LO", ["..", "outside", outside[0].name])
    directory = Dataset()
    directory.file_meta, directory.DirectoryRecordSequence = meta, [record]
    directory.SOPClassUID = meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    directory.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    for name in ("DICOMDIR", "called_otherwise"):
        directory.save_as(tmp_path / "scans" / name, enforce_file_format=True)
    outcome = ingest(tmp_path / "scans")
    assert (len(outcome.volumes), outcome.refused, outcome.skipped) == (1, [], {"I_DICOMDIR": 2})


def private_blob(ds):
    ds.private_block(0x0009, "ZZCANARY", create=True).add_new(1, "OB", bytes(range(256)) * 4096)


def private_sequence(ds):
    inner = ds
    for _ in range(20):
        item = Dataset()
        inner.private_block(0x0029, "ZZCANARY", create=True).add_new(1, "SQ", [item])
        inner = item
    inner.private_block(0x0029, "ZZCANARY", create=True).add_new(2, "UN", b"\0\1\2\3" * 99)


def private_rescale(ds):
    """Private elements at the offsets of public ones."""
    block = ds.private_block(0x0029, "ZZCANARY", create=True)
    block.add_new(0x53, "DS", "7")
    block.add_new(0x32, "DS", ["0", "0", "0"])


@pytest.mark.parametrize("add", [private_blob, private_sequence, private_rescale])
def test_t17_private_tags(add, write, ingest, truth):
    files = write(lambda k, ds: add(ds))
    (volume,) = ingest(files[0].parent).volumes
    assert volume.codes == ()
    np.testing.assert_array_equal(volume.hu, truth)
    assert "ZZCANARY" not in repr(volume.plan)


@pytest.mark.parametrize("vr", [b"ZZ", b"UN", b"ox", b"\0\0"])
def test_t17_private_tags_of_odd_vr(vr, write, insert, ingest, truth):
    files = write()
    length = b"\x04\0" if vr == b"ZZ" else b"\0\0\x04\0\0\0"
    length = b"\x04\0" if vr in (b"ox", b"\0\0") else length
    for path in files:
        # without a VR the four bytes behind the tag are the length
        insert(path, b"\x09\0\1\x10" + (b"\x04\0\0\0" if vr in (b"ox", b"\0\0") else vr + length) + b"abcd")
    (volume,) = ingest(files[0].parent).volumes
    np.testing.assert_array_equal(volume.hu, truth)


@pytest.mark.parametrize("magic", [b"MZ\x90\0", b"\x7fELF", b"PK\3\4", b"#!/bin/sh\n", b"%PDF-1.7"])
def test_t18_a_preamble_of_something_else(magic, write, ingest, truth):
    files = write()
    files[2].write_bytes(magic.ljust(128, b"\x90") + files[2].read_bytes()[128:])
    (volume,) = ingest(files[0].parent).volumes
    assert volume.codes == ("W_PREAMBLE",)
    np.testing.assert_array_equal(volume.hu, truth)


def test_t18_a_preamble_of_tiff_is_allowed(write, ingest):
    files = write()
    files[2].write_bytes(b"II*\0".ljust(128, b"\0") + files[2].read_bytes()[128:])
    (volume,) = ingest(files[0].parent).volumes
    assert volume.codes == ()


CHARSETS = {
    "unknown": (b"ISO_IR 999 ", b"DOE"),
    "mixed": (b"ISO_IR 192\\ISO 2022 IR 87\\GB18030\\\\ISO 2022 IR 149", b"\x1b$B;3ED\x1b(B^\x1b$)C\xb1\xe8"),
    "escape_without_end": (b"ISO 2022 IR 87", b"\x1b$B" * 500),
    "64_kilobytes": (b"\\ISO 2022 IR 58", b"\x1b$)A\xce\xd2" * 10_000),
    "no_utf8": (b"ISO_IR 192", bytes(range(128, 256))),
    "zeros": (b"\0\0\0\0", b"A\0B\0"),
}


@pytest.mark.parametrize("name", CHARSETS)
def test_t19_character_sets(name, write, ingest, truth):
    charset, text = CHARSETS[name]
    charset, text = (value + b" " * (len(value) % 2) for value in (charset, text))
    files = write()
    for path in files:
        data = path.read_bytes()
        first = data.index(b"\x08\x00\x08\x00CS")
        data = data[:first] + b"\x08\0\5\0CS" + len(charset).to_bytes(2, "little") + charset + data[first:]
        at = data.index(b"\x10\x00\x10\x00PN")
        end = at + 8 + int.from_bytes(data[at + 6 : at + 8], "little")
        path.write_bytes(data[:at] + b"\x10\0\x10\0PN" + len(text).to_bytes(2, "little") + text + data[end:])
    (volume,) = ingest(files[0].parent).volumes
    assert volume.codes == ()
    np.testing.assert_array_equal(volume.hu, truth)


# there is no E_BAD_NUMBER: the code says instead which attribute is no number, which helps whoever mends the export
NUMBERS = {
    0x00200032: (b"{}\\0\\0", "E_BAD_POSITION"),
    0x00200037: (b"{}\\0\\0\\0\\1\\0", "E_BAD_ORIENTATION"),
    0x00280030: (b"{}\\0.7", "E_NO_PIXELSPACING"),
    0x00281052: (b"{}", "E_BAD_RESCALE"),
    0x00281053: (b"{}", "E_BAD_RESCALE"),
}
TEXTS = [b"1e999", b"nan", b"inf", b"0x1", b"1_0", b"1" * 10_000, b"1,5", b"1.5.2", b"\xd9\xa1", b"1\0000", b"--1"]


@pytest.mark.parametrize("tag", NUMBERS, ids=hex)
@pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text[:8]))
def test_t20_numbers(tag, text, write, ingest):
    form, code = NUMBERS[tag]
    files = write()
    for path in files:
        set_value(path, tag, form.replace(b"{}", text))
    ((found, reason),) = ingest(files[0].parent).refused
    assert found == code
    assert text.decode("latin-1") not in reason


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text[:8]))
def test_t20_numbers_that_only_inform(text, write, ingest, truth):
    files = write()
    for tag in (0x00200013, 0x00200012, 0x00180050):
        set_value(files[2], tag, text)
    (volume,) = ingest(files[0].parent).volumes
    np.testing.assert_array_equal(volume.hu, truth)


def set_value(path, tag, value):
    value += b" " * (len(value) % 2)
    data = path.read_bytes()
    key = (tag >> 16).to_bytes(2, "little") + (tag & 0xFFFF).to_bytes(2, "little")
    at = data.index(key, 132)
    assert data[at + 4 : at + 6] in (b"DS", b"IS")
    end = at + 8 + int.from_bytes(data[at + 6 : at + 8], "little")
    path.write_bytes(data[: at + 6] + len(value).to_bytes(2, "little") + value + data[end:])


NO_GREY = {
    "RGB": {"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3, "PlanarConfiguration": 0},
    "planes": {"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3, "PlanarConfiguration": 9},
    "YBR": {"PhotometricInterpretation": "YBR_FULL_422", "SamplesPerPixel": 3},
    "palette": {"PhotometricInterpretation": "PALETTE COLOR", "BitsAllocated": 8, "BitsStored": 8, "HighBit": 7},
    "no_samples": {"SamplesPerPixel": 0},
    "65535_samples": {"SamplesPerPixel": 65535},
    "8_bits": {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7},
    "32_bits": {"BitsAllocated": 32, "BitsStored": 32, "HighBit": 31},
    "1_bit": {"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0},
    "no_bits": {"BitsAllocated": 16, "BitsStored": 0, "HighBit": 0},
}


@pytest.mark.parametrize("name", NO_GREY)
def test_t21_no_grey_image(name, write, ingest):
    def edit(k, ds):
        for keyword, value in NO_GREY[name].items():
            setattr(ds, keyword, value)

    files = write(edit)
    assert [code for code, _ in ingest(files[0].parent).refused] == ["E_PIXEL_FORMAT"]
