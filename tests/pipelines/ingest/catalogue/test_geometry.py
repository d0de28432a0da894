"""Rows on the place of slices: order, gaps, tilt, spacing, orientation."""

from __future__ import annotations

import numpy as np
import pytest

MISSING, IRREGULAR, ORIENTATION = "E_MISSING_SLICES", "E_IRREGULAR_SPACING", "E_BAD_ORIENTATION"
ORDER, POSITION, SPACING = "W_INSTANCE_ORDER", "E_BAD_POSITION", "E_NO_PIXELSPACING"
SLACK = 2 * 0.51 + 0.1 * 7  # values rounded twice, and 0.1 mm along z


def without_slices(*numbers):
    def make(series):
        files = series.write()
        for number in numbers:
            files[number].unlink()

    return make


def missing_with_jitter(series):
    rng = np.random.default_rng(0)
    noise = rng.uniform(-0.05, 0.05, 12)
    series.move(lambda k, z: z + noise[k])[5].unlink()


def tilted(degrees, missing=None, **values):
    def make(series):
        affine = series.affine.copy()
        affine[1, 2] = np.tan(np.radians(degrees)) * affine[2, 2]

        def edit(k, ds):
            for name, value in values.items():
                setattr(ds, name, value)

        files = series.write(edit, affine=affine)
        if missing is not None:
            files[missing].unlink()

    return make


def turned(*columns):
    def make(series, edit=None):
        matrix = series.affine.copy()
        axes = np.array(columns, dtype=float).T
        matrix[:3, :3] = np.column_stack([axes, np.cross(axes[:, 0], axes[:, 1])]) @ series.affine[:3, :3]
        series.write(edit, affine=matrix)

    return make


def oblique(series):
    a, b = np.radians(17), np.radians(-31)
    about_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    axes = about_z @ about_x
    turned(axes[:, 0], axes[:, 1])(series)


def step(mm):
    return lambda series: series.write(affine=series.affine @ np.diag([1, 1, mm / 2.5, 1]))


def feet_first(series):
    turned((-1, 0, 0), (0, -1, 0))(series, lambda k, ds: setattr(ds, "PatientPosition", "HFP"))


def jitter(series):
    def edit(k, ds):
        ds.ImagePositionPatient = [float(v) + 0.004 * (-1) ** k for v in ds.ImagePositionPatient]

    series.write(edit)


def off_place(mm):
    return lambda s: s.move(lambda k, z: z + mm * (k == 5))


def only_imager_spacing(series):
    def edit(k, ds):
        ds.ImagerPixelSpacing = ds.PixelSpacing
        del ds.PixelSpacing

    series.write(edit)


def sideways(mm):
    """One slice off to the side: no shear of the stack, and no place along the normal tells of it."""

    def make(series):
        def edit(k, ds):
            x, y, z = ds.ImagePositionPatient
            ds.ImagePositionPatient = [float(x) + (mm if k == 5 else 0), y, z]

        series.write(edit)

    return make


def orientation_jitter(size):
    return lambda s: s.each("ImageOrientationPatient", lambda k: [1, size * (-1) ** k, 0, -size * (-1) ** k, 1, 0])


def opposite_orientation(series):
    """Half of the slices seen from the other side: each half is right by its own header."""

    def edit(k, ds):
        if k % 2:
            x, y, z = (float(v) for v in ds.ImagePositionPatient)
            ds.ImageOrientationPatient = [-1, 0, 0, 0, 1, 0]
            ds.ImagePositionPatient = [x + 39 * 0.7, y, z]
            series.store(ds, series.stored(ds)[:, ::-1])

    series.write(edit)


def swapped(series):
    files = series.write()
    data = [files[n].read_bytes() for n in (4, 7)]
    files[4].write_bytes(data[1])
    files[7].write_bytes(data[0])


def position_is_no_number(series):
    series.replace(series.write()[4], b"-60\\-50\\", b"nan\\-50\\")


def comma_spacing(series):
    for path in series.write():
        series.replace(path, b"0.8\\0.7", b"0,8\\0,7")


ROWS = {
    "row02_instance_numbers_reversed": (lambda s: s.each("InstanceNumber", lambda k: 12 - k), ""),
    "row03_instance_numbers_shuffled": (lambda s: s.each("InstanceNumber", lambda k: k * 5 % 12 + 1), ORDER),
    "row03_files_swapped": (swapped, ""),
    "row04_one_slice": (without_slices(5), MISSING),
    "row04_second_slice": (without_slices(1), MISSING),
    "row04_three_gaps": (without_slices(2, 5, 6, 9), MISSING),
    "row04_four_left_at_uneven_places": (without_slices(1, 2, 4, 5, 6, 8, 9, 10), IRREGULAR),
    "row04_with_jitter": (missing_with_jitter, MISSING),
    "row04_outlier_200_mm_away": (lambda s: s.move(lambda k, z: z + 200 * (k == 11)), MISSING),
    "row04_outlier_201_mm_away": (lambda s: s.move(lambda k, z: z + 201 * (k == 11)), IRREGULAR),
    # that every second slice is gone cannot be told: what is left is a whole stack of twice the step
    "row04_every_second_slice": (without_slices(1, 3, 5, 7, 9, 11), "", {"slices": 6}),
    "row05_first_slices": (lambda s: s.each("InstanceNumber", lambda k: k + 5), "W_PARTIAL_COVERAGE"),
    "row11_tilt_15": (tilted(15), "W_GANTRY_TILT"),
    "row11_tilt_minus_15_and_tag_says_0": (tilted(-15, GantryDetectorTilt=0), "W_GANTRY_TILT"),
    "row11_tilt_15_and_tag_says_minus_15": (tilted(15, GantryDetectorTilt=-15), "W_GANTRY_TILT"),
    "row11_tilt_with_a_slice_missing": (tilted(15, missing=5), MISSING),
    "row12_tilt_2": (tilted(2), "W_GANTRY_TILT"),
    "row13_variable_spacing": (lambda s: s.move(lambda k, z: -100 + (2 * k if k < 6 else 12 + 5 * (k - 6))), IRREGULAR),
    "row13_spacing_grows": (lambda s: s.move(lambda k, z: z + 0.05 * k * k), IRREGULAR),
    "row13_one_slice_to_the_side": (sideways(1.0), IRREGULAR),
    "row21_anisotropic_pixels": (lambda s: s.write(affine=s.affine @ np.diag([0.5 / 0.7, 0.9 / 0.8, 1, 1])), ""),
    "row22_sagittal": (turned((0, 1, 0), (0, 0, -1)), ""),
    "row22_coronal": (turned((1, 0, 0), (0, 0, -1)), ""),
    "row22_oblique": (oblique, ""),
    "row22_half_from_the_other_side": (opposite_orientation, ["W_PHASES_SPLIT"] * 2, {"slices": 6}),
    "row23_prone_feet_first": (feet_first, ""),
    "row23_position_tag_lies": (lambda s: s.set(PatientPosition="FFDL"), ""),
    "row24_jitter": (jitter, "", {"tolerance_hu": 0.6}),
    "row24_off_by_4_percent": (off_place(0.1), "W_UNEVEN_SPACING", {"tolerance_hu": SLACK}),
    "row24_off_by_15_percent": (off_place(0.375), IRREGULAR),
    "row25_jitter_3e-5": (orientation_jitter(3e-5), ""),
    "row25_jitter_3e-4": (orientation_jitter(3e-4), "W_ORIENTATION_JITTER", {"tolerance_hu": 0.55}),
    "row26_skewed": (lambda s: s.set(ImageOrientationPatient=[1, 0, 0, 0.02, 1, 0]), ORIENTATION),
    "row26_too_long": (lambda s: s.set(2, ImageOrientationPatient=[1.01, 0, 0, 0, 1, 0]), ORIENTATION),
    "row26_parallel": (lambda s: s.set(ImageOrientationPatient=[1, 0, 0, 1, 0, 0]), ORIENTATION),
    "row26_zero": (lambda s: s.set(ImageOrientationPatient=[0] * 6), ORIENTATION),
    "row26_of_five_values": (lambda s: s.set(ImageOrientationPatient=[1, 0, 0, 0, 1]), ORIENTATION),
    "row26_missing": (lambda s: s.drop("ImageOrientationPatient"), ORIENTATION),
    "row26_missing_once": (lambda s: s.drop("ImageOrientationPatient", only=4), ORIENTATION),
    "row27_position_missing_once": (lambda s: s.drop("ImagePositionPatient", only=4), "E_NO_POSITION"),
    "row28_position_empty": (lambda s: s.set(4, ImagePositionPatient=""), POSITION),
    "row28_position_of_two_values": (lambda s: s.set(4, ImagePositionPatient=[1, 2]), POSITION),
    "row28_position_no_number": (position_is_no_number, POSITION),
    "row28_position_out_of_this_world": (lambda s: s.set(4, ImagePositionPatient=["1e300", "0", "0"]), POSITION),
    "row29_no_geometry": (lambda s: s.drop("ImagePositionPatient", "ImageOrientationPatient"), "E_NO_GEOMETRY"),
    "row30_no_pixel_spacing": (lambda s: s.drop("PixelSpacing"), SPACING),
    "row30_only_imager_spacing": (only_imager_spacing, SPACING),
    "row30_zero": (lambda s: s.set(PixelSpacing=[0, 0.7]), SPACING),
    "row30_comma_decimals": (comma_spacing, SPACING),
    "row30_in_metres": (lambda s: s.set(PixelSpacing=["0.0008", "0.0007"]), SPACING),
    "row30_of_three_values": (lambda s: s.set(PixelSpacing=["0.8", "0.7", "2.5"]), SPACING),
    "row50_thickness_is_not_the_step": (lambda s: s.set(SliceThickness=5, SpacingBetweenSlices=4), ""),
    "row50_negative_spacing_between_slices": (lambda s: s.set(SpacingBetweenSlices="-2.5"), ""),
    "row50_step_of_a_tenth_of_a_millimetre": (step(0.1), ""),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_row(name, check_row):
    make, expected, *more = ROWS[name]
    check_row(make, expected, **(more[0] if more else {}))


def test_row11_tilt_is_kept_as_shear(series, ingest):
    tilted(15)(series)
    (volume,) = ingest(series.folder).volumes
    truth = series.affine.copy()
    truth[1, 2] = np.tan(np.radians(15)) * 2.5
    np.testing.assert_allclose(volume.affine_lps, truth, atol=1e-6)


def test_row04_names_the_gaps_in_mm(series, ingest):
    without_slices(2, 5, 6)(series)
    ((_, reason),) = ingest(series.folder).refused
    # slices stand at -100, -97.5, ...: the gaps are behind slices 1 and 4
    assert "3 missing, step 2.5 mm, gaps behind -97.50, -90.00 mm" in reason
