from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from resmtnet.pipelines.cli import main
from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.training.lidc_nodules import read_lidc_nodules


@pytest.fixture
def scans(small_chest, tmp_path) -> Path:
    write_ct_series(tmp_path / "scans" / "one", small_chest.hu, small_chest.affine_lps, seed=1)
    write_ct_series(tmp_path / "scans" / "two", small_chest.hu, small_chest.affine_lps, seed=2)
    return tmp_path / "scans"


def table(folder: Path, *lines: str) -> str:
    (folder / "nodules.csv").write_text("\n".join(lines))
    return str(folder / "nodules.csv")


def test_from_a_table_to_a_folder_to_train_on(scans, small_chest, tmp_path, capsys):
    place = ",".join(map(str, small_chest.nodule_lps))
    rows = table(tmp_path, "case,x,y,z,diameter_mm,malignancy,complete", f"one,{place},16,5,1", "two,,,,,,1")
    made, cut = str(tmp_path / "list"), str(tmp_path / "set")
    assert main(["data", "csv", rows, made, "--frame", "lps", "--scans", str(scans)]) == 0
    assert "2 scans, 1 scans without nodule, 2 patients, 1 nodules" in capsys.readouterr().out
    assert main(["data", "check", made, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["checks"] == []
    assert main(["data", "patches", made, cut, "--json", "-"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["patches"], said["backgrounds"], said["refused"]) == (1, 2, [])
    (record,) = read_lidc_nodules(Path(cut), None)
    assert record.scores.tolist() == [0, 0, 0, 0, 1]
    centre, edges = record.place
    ball = record.hu > -500
    k, j, i = (round(float(c)) for c in centre)
    assert ball[k, j, i]
    assert edges * record.spacing_mm[::-1] == pytest.approx(16)
    assert (np.argwhere(ball[k - 3 : k + 4, j - 3 : j + 4, i - 3 : i + 4]).mean(axis=0) - 3) == pytest.approx(
        0, abs=0.5
    )


def test_the_frame_must_be_said(scans, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["data", "csv", table(tmp_path, "case"), str(tmp_path / "list")])
    assert ended.value.code == 2
    assert "--frame" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("case,x,y,z", "one,55,5,10", "nobody,1,2,3"), 3),
        (("case,x,y,z", "nobody,1,2,3"), 4),
        (("name,x,y,z", "one,1,2,3"), 2),
    ],
)
def test_exit_codes_say_how_it_went(lines, code, scans, tmp_path, capsys):
    arguments = ["data", "csv", table(tmp_path, *lines), str(tmp_path / "list"), "--frame", "lps", "--no-lung-check"]
    assert main([*arguments, "--scans", str(scans)]) == code
    output = "".join(capsys.readouterr())
    assert str(tmp_path) not in output
    assert ("E_LABEL_NO_SCAN" in output) == (code != 2)


def test_faulty_places_are_faulty_calls(scans, tmp_path, capsys):
    assert main(["data", "csv", str(tmp_path / "none.csv"), str(tmp_path / "list"), "--frame", "lps"]) == 5
    assert main(["data", "masks", str(tmp_path / "none"), str(tmp_path / "list")]) == 5
    assert main(["data", "patches", str(tmp_path / "none"), str(tmp_path / "list")]) == 5
    assert main(["data", "patches", str(scans), str(tmp_path / "set")]) == 2
    assert "data list cannot be read" in capsys.readouterr().err
    rows = table(tmp_path, "case,x,y,z", "one,55,5,10")
    (tmp_path / "file").write_text("")
    out = str(tmp_path / "file" / "list")
    assert main(["data", "csv", rows, out, "--frame", "lps", "--scans", str(scans)]) == 6


def test_masks_are_never_mixed_with_those_that_are_written(scans, tmp_path, capsys):
    masks = tmp_path / "mine" / "masks"
    masks.mkdir(parents=True)
    for source, output in ((masks, masks.parent), (scans, masks.parent)):
        arguments = ["--scans", str(masks if source == scans else scans)]
        assert main(["data", "masks", str(source), str(output), *arguments]) == 6
    assert main(["data", "masks", str(masks), str(scans), "--scans", str(scans)]) == 6
    assert list(masks.iterdir()) == []
    assert not (scans / "data_list.json").exists()


@pytest.mark.parametrize("option", ["--scans", "--table"])
def test_a_path_that_is_not_there_is_named_by_its_option(option, scans, tmp_path, capsys):
    rows = table(tmp_path, "case,x,y,z", "one,55,5,10")
    arguments = ["data", "csv", rows, str(tmp_path / "list"), "--frame", "lps", option, str(tmp_path / "none")]
    assert main(arguments) == 5
    assert option in capsys.readouterr().err
    assert not (tmp_path / "list").exists()


def test_a_wrong_frame_is_said_to_the_user(scans, small_chest, tmp_path, capsys):
    moved = small_chest.affine_lps.copy()
    moved[:3, 3] += (0, -150, 0)
    write_ct_series(tmp_path / "far" / "one", small_chest.hu, moved, seed=1)
    x, y, z = small_chest.nodule_lps
    rows = table(tmp_path, "case,x,y,z", f"one,{x},{y - 150},{z}")
    arguments = ["data", "csv", rows, str(tmp_path / "list"), "--scans", str(tmp_path / "far")]
    assert main([*arguments, "--frame", "ras"]) == 0
    assert "W_FRAME_SUSPECT 1 of 1 fit with x and y negated" in capsys.readouterr().out
    assert main([*arguments, "--frame", "lps"]) == 0
    assert "W_" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "kind", ["csv", "masks", "seg", "rtstruct", "lidc-idri", "luna16", "qin", "msd", "patches", "check"]
)
def test_every_kind_has_help_worth_reading(kind, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["data", kind, "--help"])
    assert ended.value.code == 0
    assert len(capsys.readouterr().out) > 500
