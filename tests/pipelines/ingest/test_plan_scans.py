from __future__ import annotations

import shutil

import numpy as np
import pytest

from resmtnet.pipelines.ingest.input_path_error import InputPathError
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.ingest.read_volume import read_volume
from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.phantom.linear import linear_phantom

SHAPE = (12, 16, 20)


def series(folder, affine, seed):
    return write_ct_series(folder, linear_phantom(SHAPE, affine), affine, seed=seed)


def test_case_ids_do_not_depend_on_place_or_neighbours(tmp_path, affine):
    series(tmp_path / "one" / "deep", affine, 1)
    series(tmp_path / "two" / "other", affine, 1)
    series(tmp_path / "two", affine, 2)
    (alone,) = plan_scans(tmp_path / "one").plans
    both = {plan.case_id for plan in plan_scans(tmp_path / "two").plans}
    assert len(both) == 2
    assert alone.case_id in both
    assert len(alone.case_id) == 12
    assert set(alone.case_id) <= set("0123456789abcdef")


def test_a_site_key_changes_the_case_ids(tmp_path, affine):
    series(tmp_path, affine, 1)
    ids = {plan_scans(tmp_path, key=key).plans[0].case_id for key in (None, b"a", b"b")}
    assert len(ids) == 3


def test_copies_of_a_volume_file_are_counted(tmp_path, affine):
    from nibabel import Nifti1Image, save

    image = Nifti1Image(linear_phantom(SHAPE, affine).T, np.diag([-1.0, -1, 1, 1]) @ affine)
    save(image, tmp_path / "b.nii")
    shutil.copy(tmp_path / "b.nii", tmp_path / "a.nii")
    first, second = plan_scans(tmp_path).plans
    assert (first.origin.relative_path, second.origin.relative_path) == ("a.nii", "b.nii")
    assert second.case_id == f"{first.case_id}-2"


def test_the_order_of_plans_is_fixed(tmp_path, affine):
    for seed, name in enumerate("cab"):
        series(tmp_path / name, affine, seed)
    plans = plan_scans(tmp_path).plans
    assert [plan.origin.relative_path for plan in plans] == ["a", "b", "c"]
    assert [plan.case_id for plan in plans] == [plan.case_id for plan in plan_scans(tmp_path).plans]


def test_one_file_of_a_series_is_judged_alone(tmp_path, affine):
    scans = plan_scans(series(tmp_path, affine, 1)[0])
    assert [rejection.code for rejection in scans.rejections] == ["E_TOO_FEW_SLICES"]


def test_an_empty_folder_holds_nothing(tmp_path):
    scans = plan_scans(tmp_path)
    assert (scans.plans, scans.rejections, scans.n_files, scans.n_skipped) == ((), (), 0, 0)


def test_counts_add_up(tmp_path, affine):
    series(tmp_path, affine, 1)
    for name in ("a.txt", "b.pdf"):
        (tmp_path / name).write_text("x")
    scans = plan_scans(tmp_path)
    assert (scans.n_files, scans.n_skipped, scans.skipped) == (14, 2, {"I_NON_DICOM": 2})


def test_min_slices_is_asked_for(tmp_path, affine):
    series(tmp_path, affine, 1)
    assert len(plan_scans(tmp_path, min_slices=12).plans) == 1
    assert [r.code for r in plan_scans(tmp_path, min_slices=13).rejections] == ["E_TOO_FEW_SLICES"]


def test_slices_are_sources_in_order(tmp_path, affine):
    files = series(tmp_path, affine, 1)
    (plan,) = plan_scans(tmp_path).plans
    assert [source.path for source in plan.slices] == list(files)
    expected = affine[:3, 3] + np.arange(12)[:, None] * affine[:3, 2]
    np.testing.assert_allclose([source.position_lps for source in plan.slices], expected)


def test_a_file_that_changed_since_is_refused(tmp_path, affine):
    from resmtnet.pipelines.ingest.ingest_error import IngestError

    files = series(tmp_path, affine, 1)
    (plan,) = plan_scans(tmp_path).plans
    files[3].write_bytes(files[3].read_bytes() + b"\0\0")
    with pytest.raises(IngestError, match=r"E_FILE_CHANGED.*slice 4 of 12") as caught:
        read_volume(plan)
    assert caught.value.status == "failed"
    files[3].unlink()
    with pytest.raises(IngestError, match="E_UNREADABLE"):
        read_volume(plan)


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(InputPathError):
        plan_scans(tmp_path / "nothing")
