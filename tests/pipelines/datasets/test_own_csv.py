from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from resmtnet.pipelines.datasets.own.convert_csv import convert_csv
from resmtnet.pipelines.datasets.own.own_options import OwnOptions
from resmtnet.pipelines.datasets.read_data_list import read_data_list
from resmtnet.pipelines.inference.usage_error import UsageError
from resmtnet.pipelines.ingest.input_path_error import InputPathError
from resmtnet.pipelines.phantom.dicom_series import write_ct_series

QUICK = {"check_lungs": False}


def table(folder: Path, *lines: str) -> Path:
    path = folder / "nodules.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def convert(known_scan, tmp_path, *lines: str, frame="lps", **options):
    options = OwnOptions(scans=known_scan.folder, **{**QUICK, **options})
    return convert_csv(table(tmp_path, *lines), tmp_path / "list", frame=frame, options=options)


def in_frame(centre, frame: str, affine) -> tuple[float, ...]:
    x, y, z = centre
    if frame == "voxel":
        return tuple(np.linalg.solve(affine, [x, y, z, 1.0])[:3])
    return (-x, -y, z) if frame == "ras" else (x, y, z)


@pytest.mark.parametrize("frame", ["lps", "ras", "voxel"])
def test_every_frame_gives_the_true_place_in_lps(frame, known_scan, tmp_path):
    lines = [
        ",".join(["chest", *(f"{v:.4f}" for v in in_frame(c, frame, known_scan.affine_lps)), str(d)])
        for c, d in known_scan.nodules
    ]
    made = convert(known_scan, tmp_path, "case,x,y,z,diameter_mm", *lines, frame=frame, check_lungs=True)
    (scan,) = made.scans
    assert scan.checks == ()
    assert not scan.complete
    for nodule, (centre, diameter) in zip(scan.nodules, known_scan.nodules, strict=True):
        assert nodule.centre_lps_mm == pytest.approx(centre, abs=0.01)
        assert nodule.size_mm == (diameter, diameter, diameter)
        assert nodule.diameter_mm == diameter
    assert read_data_list(tmp_path / "list") == made
    assert Path(scan.image) == known_scan.folder / "chest"


def test_the_wrong_frame_is_said(known_scan, tmp_path):
    lines = [",".join(["chest", *map(str, centre)]) for centre, _ in known_scan.nodules]
    made = convert(known_scan, tmp_path, "case,x,y,z", *lines, frame="ras", check_lungs=True)
    assert any(check.startswith("W_FRAME_SUSPECT 5 of 5") for check in made.scans[0].checks)


def test_corners_in_mm_and_in_voxels_are_the_same_box(known_scan, tmp_path):
    first, last = np.array([80, 70, 40]), np.array([85, 78, 43])
    spacing = np.diag(known_scan.affine_lps)[:3]
    origin = known_scan.affine_lps[:3, 3]
    low, high = origin + (first - 0.5) * spacing, origin + (last + 0.5) * spacing
    header = "case,x_min,y_min,z_min,x_max,y_max,z_max"
    in_mm = convert(known_scan, tmp_path, header, ",".join(["chest", *map(str, [*low, *high])]))
    voxels = ",".join(["chest", *map(str, [*first, *last])])
    in_voxels = convert(known_scan, tmp_path, header, voxels, frame="voxel")
    for made in (in_mm, in_voxels):
        assert made.scans[0].nodules[0].centre_lps_mm == pytest.approx((low + high) / 2, abs=1e-6)
        assert made.scans[0].nodules[0].size_mm == pytest.approx((15.0, 22.5, 16.0), abs=1e-6)


def test_readers_rate_one_nodule_and_lose_their_names(known_scan, tmp_path):
    made = convert(
        known_scan,
        tmp_path,
        "Case;Nodule;x;y;z;reader;malignancy;texture;calcification",
        "chest;left;10;-160;340;Dr Smith;5;4;6",
        "chest;left;;;;Dr Jones;3;;",
        "chest;;20;-160;340;Dr Jones;;2;",
    )
    one, two = made.scans[0].nodules
    assert [(r.reader, r.malignancy, dict(r.attributes)) for r in one.ratings] == [
        ("1", 5, {"texture": 4, "calcification": 6}),
        ("0", 3, {}),
    ]
    assert [(r.reader, r.malignancy, dict(r.attributes)) for r in two.ratings] == [("0", None, {"texture": 2})]
    assert one.size_mm is None
    assert one.diameter_mm is None
    text = (tmp_path / "list" / "data_list.json").read_text()
    assert "Smith" not in text
    assert "PHANTOM" not in text


def test_rows_of_one_place_are_one_nodule_where_readers_are_named(known_scan, tmp_path):
    header, rows = "case,x,y,z,reader,malignancy", ("chest,10,-160,340,a,5", "chest,10,-160,340,b,1")
    (nodule,) = convert(known_scan, tmp_path, header, *rows).scans[0].nodules
    assert [rating.malignancy for rating in nodule.ratings] == [5, 1]


def test_a_scan_goes_by_its_folder_wherever_that_lies(known_scan, tmp_path):
    for place in ("site/one", "site/two"):
        (tmp_path / "scans" / place).mkdir(parents=True)
    (tmp_path / "scans" / "site" / "one" / "ct").symlink_to(known_scan.folder / "chest")  # links are never followed
    shutil.copytree(known_scan.folder / "chest", tmp_path / "scans" / "site" / "two" / "ct")
    write_ct_series(tmp_path / "scans" / "site" / "three", known_scan.hu[:8], known_scan.affine_lps, seed=9)
    options = OwnOptions(scans=tmp_path / "scans", **QUICK)

    def found(name: str) -> list[str]:
        made = convert_csv(
            table(tmp_path, "case,x,y,z", f"{name},1,2,3"), tmp_path / "list", frame="lps", options=options
        )
        return [Path(scan.image).name for scan in made.scans] or [made.refused[0].code]

    assert [found(name) for name in ("ct", "two", "site/two", "three")] == [["ct"], ["ct"], ["ct"], ["three"]]
    assert [found(name) for name in ("site", "one")] == [["E_LABEL_AMBIGUOUS"], ["E_LABEL_NO_SCAN"]]


@pytest.mark.parametrize("name", ["chest", "series uid", "case id", "path"])
def test_a_scan_goes_by_many_names(name, known_scan, tmp_path):
    case_id = convert(known_scan, tmp_path, "case,x,y,z", "chest,1,2,3").scans[0].case_id
    names = {"series uid": known_scan.series_uid, "case id": case_id, "path": str(known_scan.folder / "chest")}
    made = convert(known_scan, tmp_path, "case,x,y,z", f"{names.get(name, name)},1,2,3")
    assert [scan.case_id for scan in made.scans] == [case_id]


def test_a_scan_called_complete_without_a_place_holds_no_nodule(known_scan, tmp_path):
    made = convert(known_scan, tmp_path, "case,x,y,z,complete,patient_id,fold", "chest,,,,yes,Jane Doe,4")
    (scan,) = made.scans
    assert (scan.nodules, scan.complete, scan.fold) == ((), True, 4)
    assert "Jane" not in (tmp_path / "list" / "data_list.json").read_text()


def test_excluded_places_are_kept_apart(known_scan, tmp_path):
    made = convert(
        known_scan, tmp_path, "case,x,y,z,diameter_mm,excluded", "chest,1,-160,340,6,1", "chest,9,-160,340,5,"
    )
    assert [(e.centre_lps_mm, e.diameter_mm) for e in made.scans[0].excluded] == [((1.0, -160.0, 340.0), 6.0)]
    assert len(made.scans[0].nodules) == 1


@pytest.mark.parametrize(
    ("header", "rows", "code", "said"),
    [
        ("case,x,y,z", ["nobody,1,2,3"], "E_LABEL_NO_SCAN", "line 2"),
        ("case,x,y,z", ["chest,1,two,3"], "E_LABEL_VALUE", "line 2, column y"),
        ("case,x,y,z", ["chest,1,nan,3"], "E_LABEL_VALUE", "line 2, column y"),
        ("case,x,y,z", ["chest,1,2,3", "chest,1,,3"], "E_LABEL_VALUE", "line 3, column y"),
        ("case,x,y,z,diameter_mm", ["chest,1,2,3,-4"], "E_LABEL_VALUE", "column diameter_mm"),
        ("case,x,y,z,malignancy", ["chest,1,2,3,6"], "E_LABEL_VALUE", "column malignancy"),
        ("case,x,y,z,malignancy", ["chest,1,2,3,2.5"], "E_LABEL_VALUE", "whole number"),
        ("case,malignancy", ["chest,4"], "E_LABEL_NO_PLACE", "line 2"),
        ("case,x,y,z,nodule", ["chest,1,2,3,a", "chest,1,2,4,a"], "E_LABEL_CONFLICT", "lines 2 and 3"),
        ("case,x,y,z,fold", ["chest,1,2,3,1", "chest,1,2,4,2"], "E_LABEL_CONFLICT", "fold"),
        ("case,x,y,z,nodule,malignancy", ["chest,1,2,3,a,1", "chest,1,2,3,a,2"], "E_LABEL_CONFLICT", "twice"),
        ("case,complete", ["chest,0"], "E_LABEL_EMPTY", "complete"),
        ("case,x,y,z", ["chest,1,2,3", "chest,1.0,2,3"], "E_LABEL_CONFLICT", "lines 2 and 3: two nodules at one place"),
        ("case;x;y;z", ["chest;1,5;2;3"], "E_LABEL_VALUE", "decimal point, found a comma"),
        ("case,x_min,y_min,z_min,x_max,y_max,z_max", ["chest,1,2,3,0,4,5"], "E_LABEL_VALUE", "maximum"),
    ],
)
def test_a_faulty_scan_is_left_out_and_the_line_is_named(header, rows, code, said, known_scan, tmp_path):
    made = convert(known_scan, tmp_path, header, *rows)
    assert made.scans == ()
    assert [refused.code for refused in made.refused] == [code]
    assert said in made.refused[0].reason
    assert json.loads((tmp_path / "list" / "data_list.json").read_text())["scans"] == []


def test_a_scan_that_is_there_and_refused_says_why(known_scan, tmp_path):
    folder = tmp_path / "scans" / "broken"
    shutil.copytree(known_scan.folder / "chest", folder)
    for number, path in enumerate(sorted(folder.iterdir())):
        if number > 3:
            path.unlink()
    for case in ("broken", "scans/broken"):
        made = convert_csv(
            table(tmp_path, "case,x,y,z", f"{case},1,2,3"),
            tmp_path / "list",
            frame="lps",
            options=OwnOptions(scans=tmp_path / "scans", **QUICK),
        )
        (refused,) = made.refused
        assert refused.code == "E_LABEL_NO_SCAN"
        assert "there and refused: E_" in refused.reason


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_a_cell_may_hold_any_text_and_a_tab_may_part_cells(delimiter, known_scan, tmp_path):
    header = delimiter.join(["case", "x", "y", "z", "comment"])
    row = delimiter.join(["chest", "10", "-160", "340", "one\u2028two\x0cthree"])
    (nodule,) = convert(known_scan, tmp_path, header, row).scans[0].nodules
    assert nodule.centre_lps_mm == (10.0, -160.0, 340.0)


def test_a_list_does_not_outlive_the_run_that_replaces_it(known_scan, tmp_path, monkeypatch):
    convert(known_scan, tmp_path, "case,x,y,z", "chest,10,-160,340")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("resmtnet.pipelines.datasets.own.convert_csv.row_nodules", stop)
    with pytest.raises(KeyboardInterrupt):
        convert(known_scan, tmp_path, "case,x,y,z", "chest,20,-160,340")
    assert list((tmp_path / "list").iterdir()) == []


def test_a_faulty_scan_does_not_stop_the_others(known_scan, tmp_path):
    made = convert(known_scan, tmp_path, "case,x,y,z", "nobody,1,2,3", "chest,1,-160,340")
    assert (len(made.scans), [refused.code for refused in made.refused]) == (1, ["E_LABEL_NO_SCAN"])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["name,x,y,z", "chest,1,2,3"], "no column 'case'"),
        (["case,x,y,z,diamter_mm", "chest,1,2,3,4"], "is 'diameter_mm' meant"),
        (["case,x,X,z", "chest,1,2,3"], "several columns for 'x'"),
        (["case,x", "chest,1,5"], "Line 2 .* 3 cells"),
        ([""], "no column 'case'"),
        (["case,x,y,z", "ch\0est,1,2,3"], "no text"),
        (["case,x,y,z", "a" * 200_000 + ",1,2,3"], "line 2"),
    ],
)
def test_a_faulty_table_is_a_faulty_call(lines, said, known_scan, tmp_path):
    with pytest.raises(UsageError, match=said):
        convert(known_scan, tmp_path, *lines)
    with pytest.raises(InputPathError):
        convert_csv(tmp_path / "none.csv", tmp_path / "list", frame="lps")
