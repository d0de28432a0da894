"""Row 43: enhanced multi-frame CT, its functional groups, its stacks and phases, and its compressed frames."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from resmtnet.pipelines.phantom.code_as import code_as

ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
SHUFFLED = (1, 3, 5, 7, 9, 11, 0, 2, 4, 6, 8, 10)
SPLIT = ["W_PHASES_SPLIT"] * 2
MOVED = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "RescaleSlope", "RescaleIntercept")


def group(ds, sequence, **values):
    item = Dataset()
    for name, value in values.items():
        setattr(item, name, value)
    setattr(ds, sequence, [item])


def frame_group(single, content, own_rescale):
    """Functional groups of one frame."""
    frame = Dataset()
    group(frame, "PlanePositionSequence", ImagePositionPatient=single.ImagePositionPatient)
    if content:
        group(frame, "FrameContentSequence", **content)
    if own_rescale:
        rescale = {name: single.get(name) for name in ("RescaleSlope", "RescaleIntercept", "RescaleType")}
        group(frame, "PixelValueTransformationSequence", **rescale)
    return frame


def join(singles, order=SHUFFLED, content=lambda n: {}, own_rescale=False):
    """Make one enhanced file of single slices, its frames in ``order``."""
    ds = singles[0]
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = ENHANCED_CT
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = "2.25.4399"
    shared = Dataset()
    group(shared, "PixelMeasuresSequence", PixelSpacing=ds.PixelSpacing)
    group(shared, "PlaneOrientationSequence", ImageOrientationPatient=ds.ImageOrientationPatient)
    if not own_rescale:
        group(shared, "PixelValueTransformationSequence", RescaleSlope=1, RescaleIntercept=-1024, RescaleType="HU")
    frames = [frame_group(singles[n], content(n), own_rescale) for n in order]
    pixels = b"".join(singles[n].PixelData for n in order)
    for name in MOVED:
        delattr(ds, name)
    ds.SharedFunctionalGroupsSequence, ds.PerFrameFunctionalGroupsSequence = [shared], frames
    ds.NumberOfFrames, ds.PixelData = len(order), pixels
    return ds


def enhanced(edit=None, change=None, affine=None, rest=lambda s: None, **options):
    """Write slices, join them, change the file: three places to make it odd."""

    def make(series):
        files = series.write(edit and (lambda k, ds: edit(series, k, ds)), affine=affine and affine(series))
        ds = join([pydicom.dcmread(path) for path in files], **options)
        for path in files:
            path.unlink()
        if change:
            change(ds)
        ds.save_as(series.folder / "enhanced", enforce_file_format=True)
        rest(series)

    return make


def sheared(series):
    affine = series.affine.copy()
    affine[1, 2] = 0.6
    return affine


def own_rescale(series, k, ds):
    ds.RescaleIntercept = -1024 - k
    series.store(ds, series.stored(ds) + k)


def two_stacks(content, gap_mm):
    """Two times six slices; the second lot begins ``gap_mm`` behind the end of the first."""

    def edit(series, k, ds):
        if k >= 6:
            x, y, z = (float(v) for v in ds.ImagePositionPatient)
            ds.ImagePositionPatient = [x, y, z + gap_mm]
            series.store(ds, series.stored(ds) + round(7 * gap_mm))

    return enhanced(edit=edit, content=content)


def two_phases(series):
    """Two times six slices at the same places; the files hold what belongs there."""
    singles = [pydicom.dcmread(path) for path in series.write(shape=(6, 32, 40))] * 2
    for path in list(series.folder.iterdir()):
        path.unlink()
    ds = join(singles, content=lambda n: {"TemporalPositionIndex": n // 6 + 1}, order=SHUFFLED)
    ds.save_as(series.folder / "enhanced", enforce_file_format=True)


def concatenation(named):
    """A file that was cut in two: each half has its own UID."""

    def make(series):
        files = series.write()
        singles = [pydicom.dcmread(path) for path in files]
        for path in files:
            path.unlink()
        for part, order in enumerate(((0, 2, 4, 6, 8, 10), (1, 3, 5, 7, 9, 11)) if named else (range(6), range(6, 12))):
            copies = [pydicom.dcmread(_saved(series, ds)) for ds in singles]
            ds = join([copies[n] for n in order], order=range(6))
            series.new_uid(ds, f"1{part}")
            if named:
                ds.ConcatenationUID, ds.InConcatenationNumber = "2.25.7", part + 1
            ds.save_as(series.folder / f"part{part}", enforce_file_format=True)

    return make


def _saved(series, ds):
    from io import BytesIO

    stream = BytesIO()
    ds.save_as(stream, enforce_file_format=True)
    stream.seek(0)
    return stream


def coded(uid, table="basic"):
    """Compress the frames; ``table`` is how a reader finds them: basic or extended offset table, none, fragments."""

    def change(ds):
        plugin = {JPEGLSLossless: "pyjpegls", RLELossless: "pydicom"}.get(uid, "pylibjpeg")
        ds.compress(uid, encoding_plugin=plugin, generate_instance_uid=False)
        frames = list(generate_frames(ds.PixelData, number_of_frames=ds.NumberOfFrames))
        if table == "extended":
            ds.PixelData, ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths = encapsulate_extended(frames)
        else:
            parts = 3 if table == "fragments" else 1
            ds.PixelData = encapsulate(frames, fragments_per_frame=parts, has_bot=table != "none")

    return change


def jpeg_lossless(series):
    path = series.folder / "enhanced"
    with_groups = pydicom.dcmread(path)
    code_as(path, JPEGLosslessSV1)
    pixels = pydicom.dcmread(path)
    # GDCM keeps the functional groups as it likes: only its pixels are taken
    with_groups.file_meta.TransferSyntaxUID = pixels.file_meta.TransferSyntaxUID
    with_groups.PixelData = pixels.PixelData
    with_groups["PixelData"].VR, with_groups["PixelData"].is_undefined_length = "OB", True
    with_groups.save_as(path, enforce_file_format=True)


def in_syntax(uid):
    return lambda ds: setattr(ds.file_meta, "TransferSyntaxUID", uid)


def big_endian(series):
    path = series.folder / "enhanced"
    ds = pydicom.dcmread(path)
    swapped = Dataset.from_json(ds.to_json())  # pydicom turns no bytes of a data set that it has read
    swapped.file_meta = ds.file_meta
    swapped.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    swapped.PixelData = np.frombuffer(ds.PixelData, "<i2").astype(">i2").tobytes()
    swapped.save_as(path, enforce_file_format=True)


def undefined_lengths(ds):
    for element in ds.iterall():
        if element.VR == "SQ":
            element.is_undefined_length = True
            for item in element.value:
                item.is_undefined_length_sequence_item = True


def frame_type(*names, frames):
    def change(ds):
        for n in frames:
            group(ds.PerFrameFunctionalGroupsSequence[n], "CTImageFrameTypeSequence", FrameType=list(names))

    return change


def without_group(name):
    return lambda ds: delattr(ds.SharedFunctionalGroupsSequence[0], name)


def frames_said(count):
    return lambda ds: setattr(ds, "NumberOfFrames", count)


def with_single_slices(series):
    """The same volume again as single slices under the same UIDs."""
    series.write()


ROWS = {
    "row43_frames_shuffled": (enhanced(), ""),
    "row43_undefined_lengths": (enhanced(change=undefined_lengths), ""),
    "row43_rescale_of_each_frame": (enhanced(edit=own_rescale, own_rescale=True), ""),
    "row43_sheared": (enhanced(affine=sheared), "W_GANTRY_TILT"),
    "row43_frame_missing": (enhanced(order=(0, 1, 2, 3, 5, 6, 7, 8)), "E_MISSING_SLICES"),
    "row43_irregular": (two_stacks(lambda n: {}, 1.0), "E_IRREGULAR_SPACING"),
    "row43_two_stacks": (two_stacks(lambda n: {"StackID": str(n // 6)}, 21.0), SPLIT, {"slices": 6}),
    "row43_two_temporal_positions": (two_phases, SPLIT, {"slices": 6}),
    "row43_two_parts_of_a_concatenation": (concatenation(named=True), ""),
    "row43_two_files_of_one_series": (concatenation(named=False), SPLIT, {"slices": 6}),
    "row43_with_the_same_single_slices": (enhanced(rest=with_single_slices), SPLIT),
    "row43_big_endian": (enhanced(rest=big_endian), ""),
    "row43_deflated": (enhanced(change=in_syntax(DeflatedExplicitVRLittleEndian)), ""),
    "row43_JPEG-LS": (enhanced(change=coded(JPEGLSLossless)), ""),
    "row43_JPEG_2000_basic_table": (enhanced(change=coded(JPEG2000Lossless)), ""),
    "row43_JPEG_2000_extended_table": (enhanced(change=coded(JPEG2000Lossless, "extended")), ""),
    "row43_JPEG_2000_no_table": (enhanced(change=coded(JPEG2000Lossless, "none")), ""),
    "row43_JPEG_2000_several_fragments": (enhanced(change=coded(JPEG2000Lossless, "fragments")), ""),
    "row43_RLE": (enhanced(change=coded(RLELossless)), ""),
    "row43_RLE_extended_table": (enhanced(change=coded(RLELossless, "extended")), ""),
    "row43_JPEG_lossless": (enhanced(rest=jpeg_lossless), ""),
    "row14_last_frame_a_localizer": (
        enhanced(change=frame_type("ORIGINAL", "PRIMARY", "LOCALIZER", "NONE", frames=[5])),
        "W_LOCALIZER_DROPPED",
        {"slices": 11},
    ),
    "row52_derived_frames": (enhanced(change=frame_type("DERIVED", "PRIMARY", "MPR", "NONE", frames=[2])), "W_DERIVED"),
    "row43_no_rescale": (enhanced(change=without_group("PixelValueTransformationSequence")), "E_NO_RESCALE"),
    "row43_no_orientation": (enhanced(change=without_group("PlaneOrientationSequence")), "E_BAD_ORIENTATION"),
    "row43_no_pixel_spacing": (enhanced(change=without_group("PixelMeasuresSequence")), "E_NO_PIXELSPACING"),
    "row43_no_groups": (enhanced(change=lambda ds: delattr(ds, "PerFrameFunctionalGroupsSequence")), "E_BAD_HEADER"),
    "row43_more_frames_than_groups": (enhanced(change=frames_said(13)), "E_BAD_HEADER"),
    "row43_no_frames": (enhanced(change=frames_said(0)), "E_BAD_HEADER"),
    "row48_a_hundred_million_frames": (enhanced(change=frames_said(100_000_000)), "E_TOO_LARGE"),
}


@pytest.mark.parametrize("name", ROWS)
def test_row(name, check_row):
    make, expected, *more = ROWS[name]
    check_row(make, expected, **(more[0] if more else {}))
