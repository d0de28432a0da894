"""Rows on what belongs together: copies, phases, localizers, patients, frames of reference, sizes."""

from __future__ import annotations

import shutil

import numpy as np
import pydicom
import pytest

SPLIT = ["W_PHASES_SPLIT"] * 2


def copied(*numbers):
    def make(series):
        files = series.write()
        for n in numbers:
            shutil.copy(files[n], series.folder / f"copy{n}")

    return make


def other_image_at_a_position(*numbers):
    def make(series):
        files = series.write()
        for n in numbers:

            def change(ds):
                series.new_uid(ds, "77")
                series.store(ds, series.stored(ds) + 1)

            series.resave(files[n], change, series.folder / f"other{n}")

    return make


def one_uid_twice(edit):
    def make(series):
        series.resave(series.write()[3], lambda ds: edit(series, ds), series.folder / "other")

    return make


def fewer_bits(series, ds):
    ds.BitsStored, ds.HighBit = 15, 14


def second_stack(series, mark, affine=None, seed=1):
    """Write two stacks under one SeriesInstanceUID; ``mark`` sets what tells them apart, by stack and slice."""
    first = pydicom.dcmread(series.write(folder="a")[0])
    shared = ("SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID", "PatientID", "PatientName")
    for number, name in enumerate("ab"):

        def edit(k, ds, number=number):
            for key in shared:
                setattr(ds, key, first.get(key))
            ds.InstanceNumber = number * series.size() + k + 1
            for key, value in mark(number, k).items():
                setattr(ds, key, value)

        series.write(edit, folder=name, seed=number * seed, affine=affine if number else None)


def phases(**of_phase):
    return lambda s: second_stack(s, lambda p, k: {name: value(p, k) for name, value in of_phase.items()})


def between(**of_phase):
    """Two stacks of one step whose slices stand half a step apart: together they look like one of half the step."""

    def make(series):
        affine = series.affine.copy()
        affine[2, 3] += 1.25
        second_stack(series, lambda p, k: {name: value(p, k) for name, value in of_phase.items()}, affine)

    return make


def incomplete_phase(series):
    second_stack(series, lambda p, k: {"AcquisitionNumber": p + 1})
    sorted((series.folder / "b").iterdir())[3].unlink()


def other_field_of_view(series):
    affine = series.affine @ np.diag([1.01, 1, 1, 1])
    second_stack(series, lambda p, k: {"AcquisitionNumber": p + 1}, affine)


def localizer(rows, image_type, **values):
    def make(series):
        ds = pydicom.dcmread(series.write()[0])
        series.new_uid(ds, "99")
        ds.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
        ds.ImageType = ["ORIGINAL", "PRIMARY", image_type]
        for name, value in values.items():
            setattr(ds, name, value)
        ds.Rows, ds.PixelData = rows, bytes(rows * ds.Columns * 2)
        ds.save_as(series.folder / "scout", enforce_file_format=True)

    return make


def other_rows(*numbers):
    def edit(k, ds):
        if k in numbers:
            ds.Rows, ds.PixelData = 8, bytes(8 * ds.Columns * 2)

    return lambda series: series.write(edit)


def two_series(series):
    series.write(seed=1)
    series.write(seed=2)


def other_frame_of_reference(series):
    second_stack(series, lambda p, k: {"FrameOfReferenceUID": f"2.25.{p + 1}"})


ROWS = {
    "row06_file_twice": (copied(3), "W_DUPLICATE_FILE"),
    "row06_last_file_twice": (copied(11), "W_DUPLICATE_FILE"),
    "row06_all_files_twice": (copied(*range(12)), "W_DUPLICATE_FILE"),
    "row07_two_images_at_a_position": (other_image_at_a_position(3), "E_DUPLICATE_POSITION"),
    "row07_two_images_at_two_positions": (other_image_at_a_position(3, 4), "E_DUPLICATE_POSITION"),
    "row07_two_images_at_the_end": (other_image_at_a_position(11), "E_DUPLICATE_POSITION"),
    "row08_one_uid_two_images": (one_uid_twice(lambda s, ds: s.store(ds, s.stored(ds) + 1)), "E_UID_CONFLICT"),
    "row08_one_uid_two_rescales": (one_uid_twice(lambda s, ds: setattr(ds, "RescaleSlope", 2)), "E_UID_CONFLICT"),
    "row08_one_uid_two_bit_depths": (one_uid_twice(fewer_bits), "E_UID_CONFLICT"),
    "row08_one_uid_two_places": (
        one_uid_twice(lambda s, ds: setattr(ds, "ImagePositionPatient", [0, 0, 500])),
        "E_UID_CONFLICT",
    ),
    "row09_phases_by_acquisition": (phases(AcquisitionNumber=lambda p, k: p + 1), SPLIT),
    "row09_phases_by_temporal_position": (phases(TemporalPositionIdentifier=lambda p, k: p), SPLIT),
    "row09_phases_by_time": (phases(ContentTime=lambda p, k: f"1200{10 + 20 * p + k}"), SPLIT),
    "row09_phases_by_kernel": (phases(ConvolutionKernel=lambda p, k: "AB"[p]), SPLIT),
    "row09_phases_by_image_type": (phases(ImageType=lambda p, k: ["ORIGINAL", "PRIMARY", "AXIAL", "AB"[p]]), SPLIT),
    "row09_phases_that_mix": (phases(ContentTime=lambda p, k: f"1200{10 + k}"), "E_DUPLICATE_POSITION"),
    "row09_phases_between_each_other_by_acquisition": (between(AcquisitionNumber=lambda p, k: p + 1), SPLIT),
    "row09_phases_between_each_other_by_kernel": (between(ConvolutionKernel=lambda p, k: "AB"[p]), SPLIT),
    "row09_second_phase_incomplete": (incomplete_phase, "E_DUPLICATE_POSITION"),
    "row09_nothing_tells_the_phases_apart": (phases(), "E_DUPLICATE_POSITION"),
    "row09_second_field_of_view": (other_field_of_view, SPLIT),
    "row10_acquisition_in_pairs": (lambda s: s.each("AcquisitionNumber", lambda k: k // 2), ""),
    "row10_acquisition_in_fours": (lambda s: s.each("AcquisitionNumber", lambda k: k // 4), ""),
    "row10_image_type_of_one_slice": (lambda s: s.set(5, ImageType=["ORIGINAL", "PRIMARY", "OTHER"]), ""),
    "row14_localizer_inside": (localizer(32, "LOCALIZER"), "W_LOCALIZER_DROPPED"),
    "row14_localizer_without_its_name": (localizer(32, "AXIAL"), "W_LOCALIZER_DROPPED"),
    "row14_localizer_without_position": (localizer(32, "LOCALIZER", ImagePositionPatient=""), "W_LOCALIZER_DROPPED"),
    "row14_one_axial_slice_called_localizer": (
        lambda s: s.set(5, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]),
        "E_MISSING_SLICES",
    ),
    "row14_only_localizers": (lambda s: s.set(ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]), "I_LOCALIZER"),
    "row15_localizer_of_other_size": (localizer(50, "AXIAL"), "W_LOCALIZER_DROPPED"),
    "row15_named_localizer_of_other_size": (localizer(50, "LOCALIZER"), "W_LOCALIZER_DROPPED"),
    "row16_two_series": (two_series, ["", ""]),
    "row17_two_patient_ids": (lambda s: s.set(3, PatientID="OTHER"), "E_MIXED_PATIENT"),
    "row17_two_patient_names": (lambda s: s.set(3, PatientName="OTHER"), "E_MIXED_PATIENT"),
    "row17_patient_id_missing_once": (lambda s: s.drop("PatientID", only=3), "E_MIXED_PATIENT"),
    "row17_two_studies": (lambda s: s.set(3, StudyInstanceUID="2.25.1"), "E_MIXED_PATIENT"),
    "row17_two_whole_patients": (
        lambda s: second_stack(s, lambda p, k: {"PatientID": f"P{p}"}),
        "E_MIXED_PATIENT",
    ),
    "row18_frame_of_reference_of_one_slice": (lambda s: s.set(3, FrameOfReferenceUID="2.25.1"), "E_MIXED_FOR"),
    "row18_frame_of_reference_missing_once": (lambda s: s.drop("FrameOfReferenceUID", only=3), "E_MIXED_FOR"),
    "row18_two_whole_stacks": (other_frame_of_reference, "E_MIXED_FOR"),
    "row19_pixel_spacing_of_one_slice": (lambda s: s.set(3, PixelSpacing=[0.8, 0.71]), "E_MIXED_PIXELSPACING"),
    "row20_one_slice_of_other_size": (other_rows(5), "E_MIXED_SIZE"),
    "row20_every_second_of_other_size": (other_rows(*range(0, 12, 5)), "E_MIXED_SIZE"),
    "row37_three_slices": (lambda s: s.write(shape=(3, 32, 40)), "E_TOO_FEW_SLICES"),
    "row37_one_slice": (lambda s: s.write(shape=(1, 32, 40)), "E_TOO_FEW_SLICES"),
    "row38_no_instance_number": (lambda s: s.drop("InstanceNumber"), ""),
    "row38_no_instance_number_in_one": (lambda s: s.drop("InstanceNumber", only=4), ""),
    "row51_quadruped": (lambda s: s.set(AnatomicalOrientationType="QUADRUPED"), "E_NOT_HUMAN"),
    "row51_one_slice_quadruped": (lambda s: s.set(3, AnatomicalOrientationType="QUADRUPED"), "E_NOT_HUMAN"),
    "row51_biped": (lambda s: s.set(AnatomicalOrientationType="BIPED"), ""),
    "beyond_no_series_uid": (lambda s: s.set(SeriesInstanceUID=""), "E_NO_UID"),
    "beyond_no_instance_uid": (lambda s: s.set(3, SOPInstanceUID=""), "E_NO_UID"),
    "beyond_MR": (lambda s: s.set(Modality="MR"), "E_NOT_CT"),
}


@pytest.mark.parametrize("name", ROWS)
def test_row(name, check_row):
    make, expected, *more = ROWS[name]
    check_row(make, expected, **(more[0] if more else {}))


def test_row16_two_series_keep_their_names(series, ingest):
    two_series(series)
    ids = {volume.plan.case_id for volume in ingest(series.folder).volumes}
    alone = [ingest(series.write(seed=seed, folder=f"../{seed}")[0].parent).volumes[0].plan.case_id for seed in (1, 2)]
    assert ids == set(alone)


@pytest.mark.parametrize("number", ["9" * 30, "1e9", "-1e30", "1" * 200])
def test_row38_a_number_out_of_range_is_no_number(number, series, ingest):
    path = series.write()[4]
    data = path.read_bytes()
    old = b"\x20\x00\x13\x00IS\x02\x005 "
    text = number.encode() + b" " * (len(number) % 2)
    path.write_bytes(data.replace(old, b"\x20\x00\x13\x00IS" + len(text).to_bytes(2, "little") + text))
    (volume,) = ingest(series.folder).volumes
    assert set(volume.codes) <= {"W_INSTANCE_ORDER"}
