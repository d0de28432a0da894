"""What ``ingest`` and ``convert`` say, where they write it, and how wrong calls end."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from resmtnet.pipelines.cli import main
from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.phantom.linear import linear_phantom
from resmtnet.pipelines.results.links_csv import read_links

AFFINE = np.array([[0.7, 0, 0, -15], [0, 0.8, 0, -12], [0, 0, 2.5, -110], [0, 0, 0, 1]])  # values as in air and lung


@pytest.fixture
def scans(tmp_path) -> Path:
    """A good series, one with a missing slice, and a file that is no scan."""
    hu = linear_phantom((12, 32, 40), AFFINE)
    write_ct_series(tmp_path / "in" / "good", hu, AFFINE, seed=0)
    write_ct_series(tmp_path / "in" / "gap", hu, AFFINE, seed=1)[4].unlink()
    (tmp_path / "in" / "report.txt").write_text("nothing")
    return tmp_path / "in"


def test_people_are_told_why_and_what_was_no_scan(scans, capsys):
    assert main(["ingest", str(scans)]) == 3
    good, gap, why, skipped, counts = capsys.readouterr().out.splitlines()
    assert gap.startswith("rejected")
    assert gap.endswith("E_MISSING_SLICES")
    assert "step 2.5 mm" in why
    assert good.startswith("ok ")
    assert (skipped, counts) == ("no scans: 1 I_NON_DICOM", "1 ok, 1 rejected")


def test_repairs_and_choice_are_told(scans, tmp_path, capsys):
    (tmp_path / "rules.yaml").write_text("keep: 1")
    how = ["--repair", "resample-gaps", "--series-rules", str(tmp_path / "rules.yaml")]
    assert main(["ingest", str(scans), *how]) == 0
    text = capsys.readouterr().out
    assert "W_RESAMPLED (1 missing" in text
    assert "taken: fits the rules; number 1 of 1 of its study" in text


@pytest.mark.parametrize("command", ["ingest", "convert"])
def test_scripts_are_told_the_same_by_both_commands(command, scans, tmp_path, capsys):
    place = [str(tmp_path / "out")] * (command == "convert")
    assert main([command, str(scans), *place, "--json", "-"]) == 3
    said = json.loads(capsys.readouterr().out)
    assert [scan["status"] for scan in said] == ["ok", "rejected"]
    assert [scan["n_files"] for scan in said] == [12, 11]


def test_the_links_file_says_which_scan_it_was(scans, tmp_path, capsys):
    file = tmp_path / "links.csv"
    assert main(["ingest", str(scans), "--links-file", str(file), "--json", "-"]) == 3
    good, gap = json.loads(capsys.readouterr().out)
    places = {case_id: origin.relative_path for case_id, origin in read_links(file).items()}
    assert places == {good["case_id"]: "good", gap["case_id"]: "gap"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("command", ["ingest", "convert"])
def test_quiet_says_nothing(command, scans, tmp_path, capfd):
    assert main([command, str(scans), *[str(tmp_path / "out")] * (command == "convert"), "--quiet"]) == 3
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("option", ["--json", "--links-file"])
def test_no_scan_is_overwritten(option, scans, capsys):
    victim = sorted((scans / "good").iterdir())[0]
    before = victim.read_bytes()
    assert main(["ingest", str(scans), option, str(victim)]) == 2
    assert victim.read_bytes() == before
    assert "lies in it" in capsys.readouterr().err


def test_a_json_file_that_cannot_be_is_told_before_the_work(scans, tmp_path, capsys):
    assert main(["convert", str(scans), str(tmp_path / "out"), "--json", str(tmp_path / "none" / "x.json")]) == 6
    assert not (tmp_path / "out").exists()
    assert main(["convert", str(scans), str(scans / "out"), "--json", str(scans / "out" / "all.json")]) == 3
    assert len(json.loads((scans / "out" / "all.json").read_text())) == 2


@pytest.mark.parametrize("json_option", [[], ["--json", "-"]])
def test_an_input_without_scans_is_told(json_option, tmp_path, capsys):
    assert main(["ingest", str(tmp_path), *json_option]) == 4
    assert capsys.readouterr().err == "resmtnet: No usable scan was found in the input.\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ingest", "in", "--min-slices", "few"], "a whole number of at least 1"),
        (["infer", "in", "out", "--min-probability", "high"], "a number from 0 to 1"),
    ],
)
def test_a_number_that_is_none_is_told_in_plain_words(arguments, said, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    error = capsys.readouterr().err
    assert said in error
    assert "_probability value" not in error


def test_a_reader_that_has_gone_changes_nothing(tmp_path):
    write_ct_series(tmp_path / "in", linear_phantom((12, 32, 40), AFFINE), AFFINE)
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "resmtnet.pipelines.cli", "ingest", str(tmp_path / "in")]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_finished_case_tells_the_choice_of_the_last_run(scans, small_bundle, tmp_path):
    (tmp_path / "rules.yaml").write_text("keep: 1")
    call = ["infer", str(scans / "good"), str(tmp_path / "out"), "--bundle", str(small_bundle), "--quiet"]
    told = []
    for rules in (["--series-rules", str(tmp_path / "rules.yaml")], []):
        assert main([*call, *rules]) == 0
        (path,) = (tmp_path / "out").glob("cases/*/case.json")
        told.append(json.loads(path.read_bytes()))
    assert told[0].pop("choice").startswith("fits the rules; number 1 of 1")
    assert told[1].pop("choice") == "fits the rules"
    assert told[0] == told[1]  # its timings, too: it was not done again
    assert "number 1 of 1" not in (tmp_path / "out" / "index.html").read_text()
