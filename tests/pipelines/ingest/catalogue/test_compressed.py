"""Rows on compressed pixels: codings, depths and signs to the last bit, and codestreams that lie."""

from __future__ import annotations

import pydicom
import pytest
from pydicom.uid import (
    JPEG2000,
    JPEG2000Lossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from resmtnet.pipelines.phantom.code_as import code_as

MISMATCH, FORMAT = "E_CODESTREAM_MISMATCH", "E_PIXEL_FORMAT"
PLUGINS = {JPEGLSLossless: "pyjpegls", JPEGLSNearLossless: "pyjpegls", RLELossless: "pydicom"}
PROCESS_14, SELECTION_1 = JPEGLossless, JPEGLosslessSV1


def compress(ds, uid, **options):
    plugin = PLUGINS.get(uid, "pylibjpeg")
    ds.compress(uid, encoding_plugin=plugin, generate_instance_uid=False, **options)


def coded(uid, bits=16, signed=True, **options):
    def make(series):
        def edit(k, ds):
            series.recode(ds, bits=bits, signed=signed)
            compress(ds, uid, **options)

        series.write(edit)

    return make


def jpeg_lossless(syntax, bits=16, signed=True):
    def make(series):
        for path in series.write(lambda k, ds: series.recode(ds, bits=bits, signed=signed)):
            code_as(path, syntax)

    return make


def all_codings(series):
    """One series, each slice in another coding."""

    def edit(k, ds):
        series.recode(ds, bits=(12, 16)[k // 6], signed=bool(k % 2))
        uid = (None, JPEGLSLossless, JPEG2000Lossless, RLELossless)[k % 4]
        if uid:
            compress(ds, uid)

    files = series.write(edit)
    for n in (4, 8):
        code_as(files[n], SELECTION_1)


def lies(make, **values):
    """Write another header around what was compressed."""

    def change(ds):
        for name, value in values.items():
            setattr(ds, name, value(ds) if callable(value) else value)

    def lie(series):
        make(series)
        for path in list(series.folder.iterdir()):
            series.resave(path, change)

    return lie


def cut(make, bytes_left):
    def cut_one(series):
        make(series)
        path = sorted(series.folder.iterdir())[4]
        path.write_bytes(path.read_bytes()[:bytes_left])

    return cut_one


def in_fragments(make):
    """Part every codestream into fragments, as PS3.5 A.4 allows."""

    def change(ds):
        from pydicom.encaps import encapsulate, get_frame

        ds.PixelData = encapsulate(
            [get_frame(ds.PixelData, 0, number_of_frames=1)], fragments_per_frame=3, has_bot=True
        )

    def parted(series):
        make(series)
        for path in list(series.folder.iterdir()):
            series.resave(path, change)

    return parted


def called(make, uid):
    def renamed(series):
        make(series)
        for path in list(series.folder.iterdir()):
            series.resave(path, lambda ds: setattr(ds.file_meta, "TransferSyntaxUID", uid))

    return renamed


CODINGS = {
    "JPEG-LS": lambda bits, signed: coded(JPEGLSLossless, bits, signed),
    "JPEG_2000": lambda bits, signed: coded(JPEG2000Lossless, bits, signed),
    "RLE": lambda bits, signed: coded(RLELossless, bits, signed),
    "JPEG_lossless_14": lambda bits, signed: jpeg_lossless(PROCESS_14, bits, signed),
    "JPEG_lossless_SV1": lambda bits, signed: jpeg_lossless(SELECTION_1, bits, signed),
}


def copied_with_another_header(make):
    """Give each file twice, the copy as another archive would have sent it."""

    def change(ds):
        ds.RetrieveAETitle, ds.StationName = "ARCHIVE", "OTHER"

    def copied(series):
        make(series)
        for n, path in enumerate(sorted(series.folder.iterdir())):
            series.resave(path, change, series.folder / f"copy{n}")

    return copied


LESS_ROWS = {"Rows": lambda ds: ds.Rows - 4}
TURNED = {"Rows": 40, "Columns": 32}
ROWS = {
    f"row45_{name}_{bits}_bits_{'signed' if signed else 'unsigned'}": (coding(bits, signed), "")
    for name, coding in CODINGS.items()
    for bits in (12, 16)
    for signed in (True, False)
} | {
    "row45_every_slice_another_way": (all_codings, ""),
    "row45_in_fragments": (in_fragments(coded(JPEG2000Lossless)), ""),
    "row06_compressed_with_two_headers": (copied_with_another_header(coded(JPEGLSLossless)), "W_DUPLICATE_FILE"),
    "row40_cut": (cut(coded(JPEGLSLossless), -100), "E_TRUNCATED"),
    "row40_only_the_delimiter_cut": (cut(coded(JPEG2000Lossless), -8), ""),
    "row46_said_by_its_tag": (lambda s: s.set(LossyImageCompression="01"), "W_LOSSY"),
    "row46_said_of_one_slice": (lambda s: s.set(3, LossyImageCompression="01"), "W_LOSSY"),
    "row46_JPEG-LS_near_lossless": (coded(JPEGLSNearLossless, jls_error=2), "W_LOSSY", {"tolerance_hu": 2.51}),
    "row46_JPEG_2000": (coded(JPEG2000, j2k_cr=[4]), "W_LOSSY", {"tolerance_hu": 2.51}),
    "row47_JPEG_baseline": (called(coded(JPEG2000Lossless), "1.2.840.10008.1.2.4.50"), "E_TRANSFER_SYNTAX"),
    "row49_JPEG-LS_of_other_size": (lies(coded(JPEGLSLossless), **LESS_ROWS), MISMATCH),
    "row49_JPEG_2000_of_other_size": (lies(coded(JPEG2000Lossless), **LESS_ROWS), MISMATCH),
    "row49_RLE_of_other_size": (lies(coded(RLELossless), **LESS_ROWS), MISMATCH),
    "row49_JPEG_lossless_of_other_size": (lies(jpeg_lossless(SELECTION_1), **LESS_ROWS), MISMATCH),
    "row49_JPEG-LS_turned": (lies(coded(JPEGLSLossless), **TURNED), MISMATCH),
    "row49_JPEG_2000_turned": (lies(coded(JPEG2000Lossless), **TURNED), MISMATCH),
    "row49_JPEG_lossless_turned": (lies(jpeg_lossless(PROCESS_14), **TURNED), MISMATCH),
    "row49_called_JPEG-LS_but_JPEG_2000": (called(coded(JPEG2000Lossless), JPEGLSLossless), "E_DECODE"),
    "row35_RLE_high_bit_15_of_12": (lies(coded(RLELossless, 12, False), HighBit=15), FORMAT),
    "row35_JPEG-LS_high_bit_15_of_12": (lies(coded(JPEGLSLossless, 12, False), HighBit=15), FORMAT),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_row(name, check_row):
    make, expected, *more = ROWS[name]
    check_row(make, expected, **(more[0] if more else {}))


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless])
def test_row45_files_are_what_their_name_says(syntax, series):
    coded(syntax, 12)(series)
    ds = pydicom.dcmread(next(series.folder.iterdir()))
    assert (ds.file_meta.TransferSyntaxUID, ds.PixelRepresentation, ds.BitsStored) == (syntax, 1, 12)
