"""Repairs: only where they are asked for, only where they can be made, and always recorded."""

from __future__ import annotations

import numpy as np
import pytest

from resmtnet.pipelines.ingest.faulty_option import FaultyOption
from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.ingest.ingest_options import IngestOptions, ingest_options
from resmtnet.pipelines.ingest.ingest_records import ingest_records
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.ingest.read_volume import read_volume
from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.phantom.linear import linear_phantom

SHAPE = (12, 16, 20)
FILL = IngestOptions(fill_gaps=True)


def write(folder, affine, edit=None, shape=SHAPE):
    return write_ct_series(folder, linear_phantom(shape, affine), affine, edit=edit)


def at_z(folder, affine, places_mm):
    """Slices at these places along z, each with the linear phantom's own values there."""
    for n, z in enumerate(places_mm):
        plane = affine.copy()
        plane[2, 3] = z

        def edit(k, ds, n=n):
            ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f"{ds.SOPInstanceUID[:-2]}{n:02}"
            ds.InstanceNumber = n + 1

        (file,) = write_ct_series(folder / "x", linear_phantom((1, *SHAPE[1:]), plane), plane, edit=edit)
        file.rename(folder / f"{n}")


def refused(root, options=None):
    return [r.code for r in plan_scans(root, options).rejections]


def test_missing_slices_are_filled(tmp_path, affine, assert_linear):
    files = write(tmp_path, affine)
    for k in (3, 7, 8):
        files[k].unlink()
    assert refused(tmp_path) == ["E_MISSING_SLICES"]
    (plan,) = plan_scans(tmp_path, FILL).plans
    volume = read_volume(plan)
    assert volume.codes == ("W_RESAMPLED",)
    assert (plan.shape_ijk, plan.n_used, len(plan.slices)) == ((20, 16, 12), 9, 9)
    np.testing.assert_allclose(plan.affine_lps, affine, atol=1e-9)
    assert_linear(volume, tolerance_hu=1.01)  # two roundings: of the phantom and of the interpolation
    assert any("3 missing" in note for note in plan.notes)


def test_uneven_slices_are_put_on_the_grid_of_the_smallest_step(tmp_path, affine, assert_linear):
    places = [-100.0 + z for z in (0, 2, 4, 6, 8, 13, 18, 23, 28, 31)]
    at_z(tmp_path, affine, places)
    assert refused(tmp_path) == ["E_IRREGULAR_SPACING"]
    (plan,) = plan_scans(tmp_path, FILL).plans
    volume = read_volume(plan)
    assert volume.codes == ("W_RESAMPLED",)
    assert plan.shape_ijk[2] == 17  # 31 mm in steps of nearly 2 mm
    assert plan.spacing_mm[2] == pytest.approx(31 / 16)
    assert_linear(volume, tolerance_hu=1.01)


def test_uneven_slices_are_put_on_a_grid_of_as_many(tmp_path, affine, assert_linear):
    at_z(tmp_path, affine, [-100.0, -98.0, -96.0, -93.2, -91.2])
    (plan,) = plan_scans(tmp_path, FILL).plans
    assert plan.shape_ijk[2] == len(plan.slices) == 5
    assert_linear(read_volume(plan), tolerance_hu=1.01)


def test_a_tilted_stack_stays_sheared(tmp_path, affine, assert_linear):
    tilted = affine.copy()
    tilted[1, 2] = 0.5
    files = write(tmp_path, tilted)
    files[5].unlink()
    (plan,) = plan_scans(tmp_path, FILL).plans
    volume = read_volume(plan)
    assert set(volume.codes) == {"W_RESAMPLED", "W_GANTRY_TILT"}
    np.testing.assert_allclose(plan.affine_lps, tilted, atol=1e-9)
    assert_linear(volume, tolerance_hu=1.01)


def test_float_values_are_not_rounded(tmp_path, affine, assert_linear):
    def edit(k, ds):
        ds.RescaleSlope, ds.RescaleIntercept = 0.5, -1024
        values = np.frombuffer(ds.PixelData, "<i2").astype(np.int32) * 2
        ds.PixelData = values.astype("<i2").tobytes()

    files = write(tmp_path, affine, edit)
    files[5].unlink()
    (plan,) = plan_scans(tmp_path, FILL).plans
    volume = read_volume(plan)
    assert volume.hu.dtype == np.float32
    assert_linear(volume)


@pytest.mark.parametrize(
    ("places", "code"),
    [
        ([0, 2, 4, 6, 8, 20], "E_MISSING_SLICES"),  # 12 mm without a slice
        ([0, 1, 10, 19, 28, 37], "E_MISSING_SLICES"),  # most would be made up
        ([0, 2, 4, 6, 6, 8], "E_DUPLICATE_POSITION"),
    ],
)
def test_what_cannot_be_filled_honestly_stays_refused(places, code, tmp_path, affine):
    at_z(tmp_path, affine, [-100.0 + z for z in places])
    assert refused(tmp_path, FILL) == [code]


def test_slices_off_the_line_stay_refused(tmp_path, affine):
    def edit(k, ds):
        x, y, z = ds.ImagePositionPatient
        ds.ImagePositionPatient = [float(x) + (3 if k == 5 else 0), y, z]

    write(tmp_path, affine, edit)[8].unlink()
    assert refused(tmp_path, FILL) == ["E_MISSING_SLICES"]


def test_a_whole_series_is_not_touched(tmp_path, affine):
    write(tmp_path, affine)
    assert read_volume(plan_scans(tmp_path, FILL).plans[0]).digest == read_volume(plan_scans(tmp_path).plans[0]).digest


def without_rescale(folder, affine, only=None):
    def edit(k, ds):
        ds.PixelData = (np.frombuffer(ds.PixelData, "<i2") - 1024).astype("<i2").tobytes()
        if only is None or k == only:
            del ds.RescaleSlope, ds.RescaleIntercept

    write(folder, affine, edit)


def test_hu_are_assumed(tmp_path, affine, assert_linear):
    without_rescale(tmp_path, affine)
    assert refused(tmp_path) == ["E_NO_RESCALE"]
    (plan,) = plan_scans(tmp_path, IngestOptions(assume_hu=True)).plans
    volume = read_volume(plan)
    assert volume.codes == ("W_ASSUMED_HU",)
    assert_linear(volume)


def test_hu_are_not_assumed_where_some_slices_say_otherwise(tmp_path, affine):
    without_rescale(tmp_path, affine, only=4)
    assert refused(tmp_path, IngestOptions(assume_hu=True)) == ["E_NO_RESCALE"]


def test_values_with_an_offset_are_not_assumed_to_be_hu(tmp_path, affine):
    def edit(k, ds):
        del ds.RescaleSlope, ds.RescaleIntercept  # the values stay HU + 1024

    write(tmp_path, affine, edit)
    (plan,) = plan_scans(tmp_path, IngestOptions(assume_hu=True)).plans
    with pytest.raises(IngestError, match="none below -500") as error:
        read_volume(plan)
    assert error.value.code == "E_NOT_HU"


def test_repairs_by_name(tmp_path, affine):
    assert ingest_options(repairs=["resample-gaps", "assume-hu"]) == IngestOptions(fill_gaps=True, assume_hu=True)
    with pytest.raises(FaultyOption, match="known are resample-gaps, assume-hu"):
        ingest_options(repairs=["gaps"])
    write(tmp_path, affine)[5].unlink()
    (record,) = ingest_records(tmp_path, ingest_options(repairs=["resample-gaps"]))
    assert (record["status"], record["codes"], record["choice"]) == ("warned", ["W_RESAMPLED"], "fits the rules")


def test_case_ids_by_key(tmp_path, affine):
    write(tmp_path / "scans", affine)
    (tmp_path / "key").write_text("0123456789abcdef0123456789abcdef\n")
    (tmp_path / "short").write_text("0123\n")
    plain, keyed, again = (
        plan_scans(tmp_path / "scans", options).plans[0].case_id
        for options in (None, *[ingest_options(id_key_file=tmp_path / "key")] * 2)
    )
    assert keyed == again != plain
    assert b"0123456789" not in repr(ingest_options(id_key_file=tmp_path / "key")).encode()
    with pytest.raises(FaultyOption, match="has 4 bytes; at least 16"):
        ingest_options(id_key_file=tmp_path / "short")
    with pytest.raises(FaultyOption, match="cannot be read"):
        ingest_options(id_key_file=tmp_path / "none")
