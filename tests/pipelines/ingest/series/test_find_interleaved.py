"""Two phases that take turns are never one volume, whatever else is odd about them."""

from __future__ import annotations

import numpy as np
import pytest

from resmtnet.pipelines.ingest.ingest_options import IngestOptions
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.phantom.linear import linear_phantom

N = 12


def phases(folder, affine, *, missing=(), jitter_mm=0.0, step_mm=5.0, offset_mm=2.5, numbered=True):
    """Write two stacks of one series, the second between the slices of the first; 5 HU tell them apart."""
    random = np.random.default_rng(1)
    for phase in range(2):
        place = affine.copy()
        place[2, 2], place[2, 3] = step_mm, affine[2, 3] + phase * offset_mm

        def edit(k, ds, phase=phase):
            ds.SeriesInstanceUID, ds.StudyInstanceUID, ds.FrameOfReferenceUID = "2.25.1", "2.25.2", "2.25.3"
            ds.PatientID, ds.PatientName = "P", "P"
            ds.InstanceNumber = phase * N + k + 1
            ds.AcquisitionNumber = phase + 1 if numbered else 1
            x, y, z = (float(value) for value in ds.ImagePositionPatient)
            ds.ImagePositionPatient = [x, y, round(z + random.uniform(-jitter_mm, jitter_mm), 3)]

        hu = linear_phantom((N, 16, 20), place) + np.int16(5 * phase)
        files = write_ct_series(folder / "ab"[phase], hu, place, seed=phase, edit=edit)
        for k in missing if phase == 0 else ():
            files[k].unlink()


def codes(root, **options):
    scans = plan_scans(root, IngestOptions(**options))
    assert not any(plan.shape_ijk[2] > N for plan in scans.plans), "phases mixed"
    return sorted([*(code for plan in scans.plans for code in plan.codes), *(r.code for r in scans.rejections)])


@pytest.mark.parametrize("missing", [(4, 5), (2, 3, 7, 8)])
def test_phases_with_gaps_too_large_to_fill_are_not_filled_with_each_other(missing, tmp_path, affine):
    phases(tmp_path, affine, missing=missing)
    assert codes(tmp_path, fill_gaps=True) == ["E_MIXED_PHASES"]


def test_a_phase_with_a_small_gap_is_filled_on_its_own(tmp_path, affine):
    phases(tmp_path, affine, missing=(4,))
    assert codes(tmp_path, fill_gaps=True) == ["W_PHASES_SPLIT", "W_PHASES_SPLIT", "W_RESAMPLED"]


def test_phases_too_short_for_the_user_are_not_made_one(tmp_path, affine):
    phases(tmp_path, affine, missing=(4,))
    assert codes(tmp_path, fill_gaps=True, min_slices=15) == ["E_MIXED_PHASES"]


def test_uneven_phases_are_told_apart(tmp_path, affine):
    phases(tmp_path, affine, jitter_mm=0.24)
    assert codes(tmp_path) == ["W_PHASES_SPLIT"] * 2 + ["W_UNEVEN_SPACING"] * 2


def test_instance_numbers_that_run_twice_tell_phases(tmp_path, affine):
    phases(tmp_path, affine, numbered=False)
    assert codes(tmp_path) == ["E_MIXED_PHASES"]
