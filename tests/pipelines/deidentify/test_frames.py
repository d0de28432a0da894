"""Compressed frames: what is no image goes, wherever it stands, and decoders give the same image."""

from __future__ import annotations

import struct
import tempfile

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    CTImageStorage,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from resmtnet.pipelines.deidentify.clean_frame import clean_frame
from resmtnet.pipelines.ingest.header.transfer_syntaxes import TRANSFER_SYNTAXES
from resmtnet.pipelines.ingest.ingest_error import IngestError

CANARY = b"ZZCANARY"
ROWS, COLUMNS = 72, 64
PLANE_BYTES = ROWS * COLUMNS
VALUES = np.random.default_rng(0).integers(0, 4096, (ROWS, COLUMNS)).astype(np.uint16)


def image(syntax: str) -> pydicom.Dataset:
    ds = pydicom.Dataset()
    ds.file_meta = pydicom.dataset.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = ROWS, COLUMNS, 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.SOPInstanceUID = "1.2"
    return ds


def by_pydicom(syntax: str) -> bytes:
    ds = image(ExplicitVRLittleEndian)
    ds.PixelData = VALUES.tobytes()
    ds["PixelData"].VR = "OW"
    ds.compress(syntax)
    return next(generate_frames(ds.PixelData, number_of_frames=1))


def jpeg_lossless() -> bytes:
    gdcm = pytest.importorskip("gdcm")
    ds = image(ExplicitVRLittleEndian)
    ds.PixelData = VALUES.tobytes()
    ds["PixelData"].VR = "OW"
    ds.SOPClassUID = CTImageStorage
    with tempfile.TemporaryDirectory() as folder:
        ds.save_as(f"{folder}/native", enforce_file_format=True)
        reader, change, writer = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
        reader.SetFileName(f"{folder}/native")
        assert reader.Read()
        change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLosslessProcess14_1))
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer.SetFileName(f"{folder}/lossless")
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        assert writer.Write()
        return next(generate_frames(pydicom.dcmread(f"{folder}/lossless").PixelData, number_of_frames=1))


FRAMES = {
    JPEGLosslessSV1: jpeg_lossless,
    JPEGLSLossless: lambda: by_pydicom(JPEGLSLossless),
    JPEG2000Lossless: lambda: by_pydicom(JPEG2000Lossless),
    RLELossless: lambda: by_pydicom(RLELossless),
}


def decode(frame: bytes, syntax: str) -> np.ndarray:
    ds = image(syntax)
    ds.PixelData = encapsulate([frame])
    ds["PixelData"].VR = "OB"
    return ds.pixel_array


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def jpeg_comments(frame: bytes, syntax: str) -> bytes:
    """Comments before the frame header, before the scan and behind it, and text behind the end."""
    parts = [segment(marker, CANARY) for marker in (0xFE, 0xE1, 0xE8, 0xEE)]
    scan = frame.index(b"\xff\xda")
    end = frame.rindex(b"\xff\xd9")
    late = parts[0] if syntax != JPEGLSLossless else b""  # CharLS cannot read on from there
    return frame[:2] + b"".join(parts) + frame[2:scan] + parts[0] + frame[scan:end] + late + frame[end:] + CANARY


def jpeg_2000_comments(frame: bytes, syntax: str) -> bytes:
    """Comments in the main header and that of the tile-part, and text behind the end."""
    comment = segment(0x64, b"\0\1" + CANARY)
    tile = frame.index(b"\xff\x90")
    length = int.from_bytes(frame[tile + 6 : tile + 10], "big") + len(comment)
    head = frame[tile : tile + 6] + length.to_bytes(4, "big") + frame[tile + 10 : tile + 12]
    return frame[:tile] + comment + head + comment + frame[tile + 12 :] + CANARY


def rle_gaps(frame: bytes, syntax: str) -> bytes:
    """Text in the unused offsets, between the segments and behind them."""
    count, first, second = struct.unpack("<3L", frame[:12])
    header = struct.pack("<3L", count, first + 8, second + 16) + CANARY * 6 + bytes(4)
    return header + CANARY + frame[first:second] + CANARY + frame[second:] + CANARY


HIDE = {
    JPEGLosslessSV1: jpeg_comments,
    JPEGLSLossless: jpeg_comments,
    JPEG2000Lossless: jpeg_2000_comments,
    RLELossless: rle_gaps,
}


@pytest.mark.parametrize("syntax", FRAMES, ids=lambda uid: uid.name)
def test_text_goes_and_the_image_stays(syntax):
    frame = FRAMES[syntax]()
    hidden = HIDE[syntax](frame, syntax)
    assert CANARY in hidden
    cleaned = clean_frame(hidden, TRANSFER_SYNTAXES[syntax], PLANE_BYTES)
    assert CANARY not in cleaned
    assert len(cleaned) <= len(hidden)
    np.testing.assert_array_equal(decode(cleaned, syntax), VALUES)


@pytest.mark.parametrize("syntax", FRAMES, ids=lambda uid: uid.name)
def test_what_is_no_image_or_cut_is_refused(syntax):
    frame = FRAMES[syntax]()
    for broken in (b"", CANARY * 20, frame[:9], b"\0\0\0\x0cjP  " + frame, frame[:2] + CANARY + frame[2:]):
        with pytest.raises(IngestError):
            clean_frame(broken, TRANSFER_SYNTAXES[syntax], PLANE_BYTES)


def test_offset_table_and_further_fragments_are_our_own(deidentify, ct):
    frame = FRAMES[JPEGLSLossless]()
    frame += b"\0" * (len(frame) % 2)

    def edit(k, ds):
        ds.Rows, ds.Columns, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = ROWS, COLUMNS, 12, 11, 0
        ds.file_meta.TransferSyntaxUID = JPEGLSLossless
        table, fragments = CANARY, (frame[:100], frame[100:], CANARY)
        items = (b"\xfe\xff\x00\xe0" + len(body).to_bytes(4, "little") + body for body in (table, *fragments))
        ds.PixelData = b"".join(items) + b"\xfe\xff\xdd\xe0\0\0\0\0"
        ds["PixelData"].VR = "OB"
        ds["PixelData"].is_undefined_length = True

    (path,) = ct(edit=edit)
    outcome = deidentify(path.parent)
    assert outcome.written == 1
    assert CANARY not in outcome.all_bytes
    (ds,) = outcome.datasets
    assert ds.PixelData == encapsulate([frame], has_bot=False)


def test_many_frames_get_an_offset_table(deidentify, ct):
    frames = [FRAMES[JPEGLSLossless]()] * 2

    def edit(k, ds):
        ds.Rows, ds.Columns, ds.NumberOfFrames = ROWS, COLUMNS, 2
        ds.file_meta.TransferSyntaxUID = JPEGLSLossless
        ds.PixelData = encapsulate(frames, fragments_per_frame=3)
        ds["PixelData"].VR = "OB"

    (path,) = ct(edit=edit)
    (ds,) = deidentify(path.parent).datasets
    assert ds.PixelData == encapsulate(frames, fragments_per_frame=1)
