"""The command on DICOM files of two dates, with markers of a patient in every header and file name."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from resmtnet.pipelines.commands.compare import add_compare
from resmtnet.pipelines.compare.compare_error import CompareError
from resmtnet.pipelines.compare.days_between import days_between
from resmtnet.pipelines.compare.read_result import read_result
from resmtnet.pipelines.compare.read_scan_of import read_scan_of
from resmtnet.pipelines.inference.usage_error import UsageError
from resmtnet.pipelines.ingest.input_path_error import InputPathError
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.ingest.read_volume import read_volume
from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.records import CaseResult, Finding, FindingMask
from resmtnet.pipelines.results.write_case import write_case

TEXT, UID, DATES = "ZZCANARY", "1.2.826.0.1.3680043.9.7777", ("20240110", "20240310")  # 60 days: a leap year
MARKS = [TEXT.encode(), UID.encode(), *(date.encode() for date in DATES), b"2024-01-10", b"2024-03-10"]


def finding(centre_lps: np.ndarray, diameter_mm: float, affine: np.ndarray) -> Finding:
    place = tuple(map(float, centre_lps))
    end = (place[0] + diameter_mm, *place[1:])
    ijk = tuple(map(float, np.linalg.solve(affine, [*place, 1])[:3]))
    volume_mm3 = float(np.pi / 6 * diameter_mm**3)
    line, box = (place, end), (place, place)
    mask = FindingMask((0, 0, 0), np.ones((1, 1, 1), bool))
    sizes = (diameter_mm, diameter_mm, line, line, diameter_mm, volume_mm3)
    return Finding(1, 0.9, place, ijk, box, (ijk, ijk), *sizes, 30.0, 0.3, 0.8, False, 0.2, {}, "left", 3, mask)


def write_scan(folder: Path, volume, number: int) -> Path:
    def mark(k: int, ds: Dataset) -> None:
        ds.PatientName, ds.PatientID, ds.AccessionNumber = f"{TEXT}^JOHN", f"{TEXT}7", TEXT
        ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = DATES[number]
        ds.SeriesInstanceUID, ds.StudyInstanceUID = f"{UID}.{number}", f"{UID}.9.{number}"

    write_ct_series(folder, volume.hu, volume.affine_lps, seed=number, edit=mark)
    return folder


def write_result(output: Path, scan: Path, diameter_mm: float, centre_lps: np.ndarray) -> None:
    (plan,) = plan_scans(scan).plans
    volume = read_volume(plan)
    k, j, i = volume.hu.shape
    result = CaseResult(
        plan.case_id,
        "ok",
        (),
        findings=(finding(centre_lps, diameter_mm, volume.affine_lps),),
        shape_ijk=(i, j, k),
        spacing_mm=plan.spacing_mm,
        affine_lps=volume.affine_lps,
        input_digest=volume.digest,
        outputs=("json",),
    )
    write_case(output, result, volume)


@pytest.fixture(scope="session")
def patient(tmp_path_factory, before, after) -> Path:
    """Scans ``a`` and ``b`` of one patient, and the result of each in ``out_a`` and ``out_b``."""
    root = tmp_path_factory.mktemp("patient") / TEXT
    turn = after.affine_lps @ np.diag([1 / 3.5, 1 / 3.5, 1 / 5, 1.0])  # of the phantom: rotation only
    centre = np.array([-64.7, 44.0, 60.0])
    shift = (18.0, -25.0, 31.0)
    for number, (name, volume, place) in enumerate(
        (("a", before, centre), ("b", after, turn[:3, :3] @ centre + shift))
    ):
        write_result(root / f"out_{name}", write_scan(root / name, volume, number), (10.0, 12.5)[number], place)
    return root


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    add_compare(parser)
    given = parser.parse_args(list(map(str, arguments)))
    return int(given.command(given))


def both(patient: Path, *more: object) -> list[object]:
    return [patient / "out_a", patient / "out_b", "--before-scan", patient / "a", "--after-scan", patient / "b", *more]


def test_from_files_to_files_and_nothing_of_the_patient_is_told(patient, tmp_path, capfd):
    assert run(*both(patient, "--output", tmp_path / "out", "--json")) == 0
    said = capfd.readouterr()
    written = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert set(written) == {"comparison.json", "comparison.html"}
    for data in (*written.values(), said.out.encode(), said.err.encode()):
        assert not [mark for mark in MARKS if mark in data]
    assert json.loads(said.out) == json.loads(written["comparison.json"])
    document = json.loads(said.out)
    assert (document["status"], document["interval_days"]) == ("ok", 60)
    (pair,) = document["pairs"]
    # 1.25 in diameter in 60 days: 60 x ln 2 / (3 ln 1.25)
    assert pair["volume_doubling_time_days"] == pytest.approx(62.126, abs=1e-3)
    assert pair["distance_mm"] < 1.0


def test_interval_by_the_first_attribute_that_both_have(patient):
    scans = [read_scan_of(read_result(patient / f"out_{name}"), patient / name) for name in "ab"]
    assert days_between(*scans) == 60
    assert days_between(scans[1], scans[0]) == -60


def test_faulty_calls(patient, tmp_path):
    with pytest.raises(InputPathError):
        run(*both(patient)[:3], tmp_path / "none", *both(patient)[4:])
    with pytest.raises(InputPathError):
        run(tmp_path / "none", *both(patient)[1:])
    swapped = [patient / "out_b", patient / "out_a", "--before-scan", patient / "b", "--after-scan", patient / "a"]
    with pytest.raises(UsageError, match="other way round"):
        run(*swapped)
    with pytest.raises(SystemExit, match="2"):
        run(patient / "out_a", patient / "out_b")
    with pytest.raises(SystemExit, match="2"):
        run(*both(patient, "--days", "-3"))


def test_the_scan_must_be_the_one_that_was_evaluated(patient, capsys):
    mixed = [patient / "out_a", patient / "out_b", "--before-scan", patient / "b", "--after-scan", patient / "b"]
    assert run(*mixed) == 4
    assert "is not the one that its result was made of" in capsys.readouterr().err


def test_a_folder_without_a_case_and_one_with_several(patient, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "empty", *both(patient)[1:]) == 4
    assert "holds no evaluated case" in capsys.readouterr().err
    two = tmp_path / "two" / "cases"
    two.mkdir(parents=True)
    for name in "ab":
        (case,) = (patient / f"out_{name}" / "cases").iterdir()
        (two / case.name).symlink_to(case)
    with pytest.raises(UsageError, match="OUTPUT/cases/<id>"):
        read_result(two.parent)
    assert read_result(two / case.name).case_id == case.name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 1}, "another version"),
        ({"frame": "RAS"}, "schema says"),
        ({"status": "failed"}, "schema says"),
    ],
)
def test_a_record_that_is_none(patient, tmp_path, change, message):
    (case,) = (patient / "out_a" / "cases").iterdir()
    content = json.loads((case / "case.json").read_bytes())
    (tmp_path / "case.json").write_text(json.dumps({**content, **change}))
    with pytest.raises(CompareError, match=message):
        read_result(tmp_path)
    (tmp_path / "case.json").write_text("{")
    with pytest.raises(CompareError, match="cannot be read"):
        read_result(tmp_path)
