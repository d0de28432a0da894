from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from resmtnet.pipelines.ingest import plan_scans as plan_scans_module
from resmtnet.pipelines.ingest.ingest_options import IngestOptions
from resmtnet.pipelines.ingest.input_path_error import InputPathError
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.ingest.read_volume import read_volume
from resmtnet.pipelines.ingest.series import plan_series as plan_series_module
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
    assert (scans.plans, scans.rejections, scans.n_files, scans.skipped) == ((), (), 0, {})


def test_counts_add_up(tmp_path, affine):
    series(tmp_path, affine, 1)
    for name in ("a.txt", "b.pdf"):
        (tmp_path / name).write_text("x")
    scans = plan_scans(tmp_path)
    assert (scans.n_files, scans.plans[0].n_files, scans.skipped) == (14, 12, {"I_NON_DICOM": 2})


def test_min_slices_is_asked_for(tmp_path, affine):
    series(tmp_path, affine, 1)
    assert len(plan_scans(tmp_path, IngestOptions(min_slices=12)).plans) == 1
    assert [r.code for r in plan_scans(tmp_path, IngestOptions(min_slices=13)).rejections] == ["E_TOO_FEW_SLICES"]


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


def failing_on(name, function):
    """Make a part of the machinery fail on one file or series, with a message that names a patient."""

    def fail(first, *rest, **named):
        path = first if isinstance(first, Path) else first[0].path
        if name in path.parts:
            raise ZeroDivisionError("DOE^JOHN")
        return function(first, *rest, **named)

    return fail


@pytest.mark.parametrize("part", ["companion_of", "plan_volume_file", "read_slice_headers"])
def test_one_file_that_fails_unforeseen_stops_nobody(part, tmp_path, affine, monkeypatch):
    series(tmp_path / "good", affine, 1)
    odd = tmp_path / "odd" / ("a.mha" if part == "plan_volume_file" else "a")
    odd.parent.mkdir()
    odd.write_bytes(b"")
    monkeypatch.setattr(plan_scans_module, part, failing_on("odd", getattr(plan_scans_module, part)))
    scans = plan_scans(tmp_path)
    assert [plan.origin.relative_path for plan in scans.plans] == ["good"]
    if part == "companion_of":  # the question failed, the file itself is judged as ever
        assert (scans.rejections, scans.skipped) == ((), {"I_NON_DICOM": 1})
    else:
        (rejection,) = scans.rejections
        assert_unforeseen(rejection, n_files=1)


def test_one_series_that_fails_unforeseen_stops_nobody(tmp_path, affine, monkeypatch):
    for seed, name in enumerate(("good", "odd")):
        series(tmp_path / name, affine, seed)
    monkeypatch.setattr(plan_series_module, "judge_stack", failing_on("odd", plan_series_module.judge_stack))
    scans = plan_scans(tmp_path)
    assert [plan.origin.relative_path for plan in scans.plans] == ["good"]
    (rejection,) = scans.rejections
    assert_unforeseen(rejection, n_files=12)
    assert rejection.origin.relative_path == "odd"


def assert_unforeseen(rejection, n_files):
    assert (rejection.status, rejection.code, rejection.n_files) == ("failed", "F_READ", n_files)
    assert "ZeroDivisionError in resmtnet.pipelines.ingest." in rejection.reason
    assert "DOE" not in rejection.reason


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(InputPathError):
        plan_scans(tmp_path / "nothing")
