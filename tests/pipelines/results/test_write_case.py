from __future__ import annotations

import fcntl
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from resmtnet.pipelines.results.case_files import CASE_FILES, CaseFile
from resmtnet.pipelines.results.finished_cases import finished_cases
from resmtnet.pipelines.results.output_not_writable import OutputNotWritable
from resmtnet.pipelines.results.prepare_output import prepare_output
from resmtnet.pipelines.results.sweep_unfinished import sweep_unfinished
from resmtnet.pipelines.results.write_case import write_case


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_folder_of_a_case(make_case, tmp_path: Path) -> None:
    folder = write_case(tmp_path, *make_case())
    assert folder == tmp_path / "cases" / "case-01"
    assert sorted(p.name for p in folder.iterdir()) == ["case.json", "nodules.nii.gz", "preview.png"]
    assert [p.name for p in folder.parent.iterdir()] == ["case-01"]


def test_json_says_all_in_plain_finite_numbers(make_case, tmp_path: Path) -> None:
    result, volume = make_case()
    text = (write_case(tmp_path, result, volume) / "case.json").read_text()
    content = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    assert content["schema_version"] == 2
    assert content["frame"] == "LPS"
    assert content["affine_lps"] == result.affine_lps.tolist()
    found, finding = content["findings"][0], result.findings[0]
    assert found["centre_lps_mm"] == list(finding.centre_lps_mm)
    assert found["box_ijk"] == [list(corner) for corner in finding.box_ijk]
    assert found["mean_hu"] == 31.5
    assert found["attributes"] == {"spiculation": 1.5, "texture": 4.5}
    assert found["mask"] == {"file": "nodules.nii.gz", "label": 1}


def test_rejected_case_has_its_record_only(rejected, tmp_path: Path) -> None:
    folder = write_case(tmp_path, rejected, None)
    assert [p.name for p in folder.iterdir()] == ["case.json"]
    content = json.loads((folder / "case.json").read_text())
    assert (content["status"], content["codes"]) == ("rejected", ["E_MISSING_SLICES"])


def test_no_file_tells_where_the_scan_comes_from(make_case, rejected, tmp_path: Path) -> None:
    write_case(tmp_path, *make_case())
    write_case(tmp_path, rejected, None)
    assert not [name for name, data in tree(tmp_path).items() if b"CANARY" in data or "CANARY" in name]


def test_writing_again_gives_the_same_bytes(make_case, tmp_path: Path) -> None:
    write_case(tmp_path, *make_case())
    first = tree(tmp_path)
    write_case(tmp_path, *make_case())
    assert tree(tmp_path) == first


def test_failed_case_is_replaced_when_it_succeeds(make_case, tmp_path: Path) -> None:
    result, volume = make_case()
    write_case(tmp_path, replace(result, status="failed", codes=("E_FAILED",), findings=()), None)
    assert finished_cases(tmp_path)["case-01"].status == "failed"
    write_case(tmp_path, result, volume)
    assert finished_cases(tmp_path)["case-01"].status == "ok"
    assert [p.name for p in (tmp_path / "cases").iterdir()] == ["case-01"]


def test_writer_that_raises_leaves_nothing_and_the_old_case_stands(make_case, tmp_path: Path) -> None:
    def broken(result: object, volume: object) -> bytes:
        raise RuntimeError("in the middle")

    result, volume = make_case()
    files = (*CASE_FILES[:1], CaseFile("nifti", "broken", broken), *CASE_FILES[1:])
    with pytest.raises(RuntimeError, match="in the middle"):
        write_case(tmp_path, result, volume, files=files)
    assert list((tmp_path / "cases").iterdir()) == []
    write_case(tmp_path, result, volume)
    before = tree(tmp_path)
    with pytest.raises(RuntimeError, match="in the middle"):
        write_case(tmp_path, result, volume, files=files)
    assert tree(tmp_path) == before


def test_file_in_a_folder_and_several_files(make_case, tmp_path: Path) -> None:
    result, volume = make_case()
    files = (
        CaseFile("a", "dicom/one.dcm", lambda *_: b"one"),
        CaseFile("a", "dicom/many", lambda *_: {"1.dcm": b"1", "2.dcm": b"2"}),
        CaseFile("a", "dicom/none", lambda *_: {}),
        CaseFile("a", "none.txt", lambda *_: None),
        *CASE_FILES[-1:],
    )
    folder = write_case(tmp_path, result, volume, files=files)
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    del found["case.json"]
    assert found == {"dicom/one.dcm": b"one", "dicom/many/1.dcm": b"1", "dicom/many/2.dcm": b"2"}


def test_file_that_cannot_be_made_is_left_out_with_a_warning(make_case, tmp_path: Path) -> None:
    def broken(result: object, volume: object) -> bytes:
        raise RuntimeError("CANARY")

    files = (CaseFile("seg", "dicom/segmentation.dcm", broken), *CASE_FILES)
    folder = write_case(tmp_path, *make_case(), files=files)
    assert not (folder / "dicom").exists()
    assert (folder / "nodules.nii.gz").exists()
    record = finished_cases(tmp_path)["case-01"]
    assert (record.status, record.codes) == ("warned", ("W_FILE_NOT_MADE",))
    assert record.notes == ("W_FILE_NOT_MADE (dicom/segmentation.dcm: RuntimeError)",)
    assert b"CANARY" not in (folder / "case.json").read_bytes()


def test_only_what_was_asked_for(make_case, tmp_path: Path) -> None:
    folder = write_case(tmp_path, *make_case(outputs=("nifti",)))
    assert sorted(path.name for path in folder.iterdir()) == ["case.json", "nodules.nii.gz"]


def test_killed_in_the_middle_the_rest_is_swept_and_a_living_writer_is_not(make_case, tmp_path: Path) -> None:
    result, volume = make_case()
    killed = CaseFile("nifti", "killed", lambda *_: os._exit(9))
    child = os.fork()
    if child == 0:
        write_case(tmp_path, result, volume, files=(*CASE_FILES[:1], killed))
    os.waitpid(child, 0)
    living = tmp_path / "cases" / ".unfinished-living"
    living.mkdir()
    descriptor = os.open(living, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    assert len(list((tmp_path / "cases").iterdir())) == 2
    assert finished_cases(tmp_path) == {}
    assert sweep_unfinished(tmp_path) == 1
    assert list((tmp_path / "cases").iterdir()) == [living]
    os.close(descriptor)
    assert sweep_unfinished(tmp_path) == 1


def test_number_that_is_not_finite_is_named(make_case, tmp_path: Path) -> None:
    result, volume = make_case()
    finding = replace(result.findings[0], malignancy_sd=float("nan"))
    with pytest.raises(ValueError, match=r"findings\[0\]\.malignancy_sd is nan"):
        write_case(tmp_path, replace(result, findings=(finding,)), volume)
    assert list((tmp_path / "cases").iterdir()) == []


@pytest.mark.parametrize("case_id", ["../up", "a/b", "", ".hidden", "name^first"])
def test_case_id_must_be_a_safe_name(make_case, tmp_path: Path, case_id: str) -> None:
    result, volume = make_case(case_id=case_id)
    with pytest.raises(ValueError, match="case_id"):
        write_case(tmp_path, result, volume)
    assert list(tmp_path.iterdir()) == []


def test_case_that_was_read_needs_its_volume(make_case, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs its volume"):
        write_case(tmp_path, make_case()[0], None)


def test_output_that_is_a_file(make_case, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputNotWritable, match="Choose a folder"):
        prepare_output(tmp_path / "out")
    with pytest.raises(OutputNotWritable):
        write_case(tmp_path / "out", *make_case())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_output_without_the_right_to_write(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o500)
    with pytest.raises(OutputNotWritable):
        prepare_output(tmp_path / "out")


def test_prepared_output_is_empty_and_keeps_what_is_done(make_case, tmp_path: Path) -> None:
    prepare_output(tmp_path / "new" / "out")
    assert sorted(p.name for p in (tmp_path / "new" / "out").rglob("*")) == [".resmtnet", "cases"]
    write_case(tmp_path / "new" / "out", *make_case())
    before = tree(tmp_path)
    prepare_output(tmp_path / "new" / "out")
    assert tree(tmp_path) == before


def test_record_says_how_the_scan_was_stored(make_case, rejected, tmp_path: Path) -> None:
    result, volume = make_case("flipped")
    read = json.loads((write_case(tmp_path, result, volume) / "case.json").read_bytes())
    assert (read["kind"], read["plane"], read["orientation"], read["tilt_deg"]) == ("dicom", "axial", "RPI", 0)
    assert (read["dtype"], read["lossy"], read["transfer_syntax"]) == ("int16", False, "")
    assert (read["hu_percentiles"]["0"], read["hu_percentiles"]["100"]) == (-850, 30)
    refused = json.loads((write_case(tmp_path, rejected, None) / "case.json").read_bytes())
    assert refused.keys() == read.keys()
    assert refused["orientation"] is None
