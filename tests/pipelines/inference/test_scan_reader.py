from __future__ import annotations

import gc
import gzip
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pydicom
import pytest

from resmtnet.pipelines.inference.case_failure import case_failure
from resmtnet.pipelines.inference.case_result import case_result
from resmtnet.pipelines.inference.scan_reader import ScanReader
from resmtnet.pipelines.ingest.input_path_error import InputPathError
from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.records import Volume
from resmtnet.pipelines.results.output_not_writable import OutputNotWritable
from resmtnet.pipelines.results.write_case import write_case

HASHES = SimpleNamespace(config_hash="c", weights_hash="w")


def finish(output, scan, *, weights_hash: str = "w") -> None:
    result = case_result(scan.plan, scan.volume, (), timings_s={})
    write_case(output, replace(result, config_hash="c", weights_hash=weights_hash), scan.volume)


def test_every_scan_comes_once_in_the_order_of_its_path(tmp_path, write_nifti, small_chest):
    for n, name in enumerate(["b.nii", "a.nii.gz", "deep/er/c.nii"]):
        write_nifti(tmp_path / name, change=n)
    scans = list(ScanReader(tmp_path))
    assert [scan.plan.origin.relative_path for scan in scans] == ["a.nii.gz", "b.nii", "deep/er/c.nii"]
    assert all(scan.failure is None and scan.read_s > 0 for scan in scans)
    assert np.array_equal(scans[1].volume.hu, small_chest.hu)


def test_a_scan_that_cannot_be_read_leaves_a_record(tmp_path, write_nifti):
    write_nifti(tmp_path / "a.nii")
    whole = write_nifti(tmp_path / "b.nii.gz", change=1).read_bytes()
    (tmp_path / "b.nii.gz").write_bytes(gzip.compress(gzip.decompress(whole)[:-1000]))
    write_nifti(tmp_path / "c.nii", change=2)
    reader = ScanReader(tmp_path)
    statuses = [("ok" if scan.failure is None else scan.failure.status) for scan in reader]
    assert len(statuses) + len(reader.scans.rejections) == 3
    assert statuses.count("ok") == 2


def test_nothing_is_looked_at_before_the_start(tmp_path):
    reader = ScanReader(tmp_path / "nowhere")
    with pytest.raises(InputPathError):
        next(iter(reader))
    with pytest.raises(InputPathError):
        _ = reader.scans


def test_one_scan_is_read_ahead_and_no_more(tmp_path, write_nifti):
    for n in range(4):
        write_nifti(tmp_path / f"{n}.nii", change=n)
    others = volumes()  # of other tests' fixtures
    count = 0
    for _ in ScanReader(tmp_path):
        count += 1
        time.sleep(0.2)  # let the reader go as far as it may
        assert len(volumes()) - len(others) <= 2
    assert count == 4


def volumes() -> list[Volume]:
    gc.collect()
    return [thing for thing in gc.get_objects() if type(thing) is Volume]


def test_finished_cases_of_the_same_model_are_passed_over(tmp_path, write_nifti):
    source, output = tmp_path / "in", tmp_path / "out"
    for n in range(3):
        write_nifti(source / f"{n}.nii", change=n)
    first, second, third = ScanReader(source)
    finish(output, first)
    finish(output, second, weights_hash="older weights")
    write_case(output, replace(case_failure(third.plan, "F_READ", ""), config_hash="c", weights_hash="w"), None)
    again = [scan.plan.case_id for scan in ScanReader(source, output, hashes=lambda: HASHES)]
    assert again == [second.plan.case_id, third.plan.case_id]
    assert len(list(ScanReader(source, output, hashes=lambda: HASHES, overwrite=True))) == 3


def test_a_series_that_grew_or_changed_is_read_again(tmp_path, small_chest):
    source, output = tmp_path / "in", tmp_path / "out"
    files = write_ct_series(source, small_chest.hu, small_chest.affine_lps)
    kept = files[-1].read_bytes()
    files[-1].unlink()  # the export is still going on
    (first,) = ScanReader(source)
    finish(output, first)
    assert list(ScanReader(source, output, hashes=lambda: HASHES)) == []
    source.rename(tmp_path / "moved")
    assert list(ScanReader(tmp_path / "moved", output, hashes=lambda: HASHES)) == []  # it is the same scan
    (tmp_path / "moved").rename(source)
    files[-1].write_bytes(kept)
    (second,) = ScanReader(source, output, hashes=lambda: HASHES)
    assert second.plan.case_id == first.plan.case_id
    assert second.volume.hu.shape[0] == first.volume.hu.shape[0] + 1
    finish(output, second)
    dataset = pydicom.dcmread(files[5])
    dataset.ImageComments = "longer"  # the same instance, but not the same file
    dataset.save_as(files[5])
    assert len(list(ScanReader(source, output, hashes=lambda: HASHES))) == 1


def test_results_are_not_read_as_scans(tmp_path, write_nifti):
    write_nifti(tmp_path / "cases" / "x" / "nodules.nii.gz")
    for source in (tmp_path, tmp_path / "cases", tmp_path / "cases" / "x" / "nodules.nii.gz"):
        with pytest.raises(OutputNotWritable, match="INPUT"):
            list(ScanReader(source, tmp_path))


def test_the_hashes_are_asked_for_only_where_there_is_a_finished_case(tmp_path, write_nifti):
    write_nifti(tmp_path / "in" / "a.nii")

    def ask():
        raise ArithmeticError("asked")

    (scan,) = ScanReader(tmp_path / "in", tmp_path / "out", hashes=ask)
    finish(tmp_path / "out", scan)
    with pytest.raises(ArithmeticError, match="asked"):
        list(ScanReader(tmp_path / "in", tmp_path / "out", hashes=ask))


def test_results_inside_the_input_are_no_input(tmp_path, write_nifti):
    write_nifti(tmp_path / "a.nii")
    write_nifti(tmp_path / "out" / "cases" / "x" / "nodules.nii.gz", change=1)
    reader = ScanReader(tmp_path, tmp_path / "out")
    assert len(list(reader)) == 1
    assert reader.scans.n_files == 1


def test_a_closed_reader_stops(tmp_path, write_nifti):
    for n in range(4):
        write_nifti(tmp_path / f"{n}.nii", change=n)
    before = threading.active_count()
    reader = ScanReader(tmp_path)
    next(iter(reader))
    reader.close()
    reader._thread.join(timeout=10)
    assert not reader._thread.is_alive()
    assert threading.active_count() == before


def test_a_case_is_read_again_for_files_of_its_own_and_not_for_those_of_the_run(tmp_path, write_nifti):
    source, output = tmp_path / "in", tmp_path / "out"
    write_nifti(source / "0.nii")
    (scan,) = ScanReader(source)
    result = case_result(scan.plan, scan.volume, (), timings_s={})
    done = replace(result, config_hash="c", weights_hash="w", outputs=("json", "nifti"))
    write_case(output, done, scan.volume)
    for outputs, n_scans in ((("json", "csv", "nifti"), 0), (("json", "markups"), 1)):
        assert len(list(ScanReader(source, output, hashes=lambda: done, outputs=outputs))) == n_scans
