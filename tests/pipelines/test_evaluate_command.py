from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from resmtnet.pipelines.cli import main
from resmtnet.pipelines.datasets.data_list import DataList, NoduleLabel, ScanLabel
from resmtnet.pipelines.datasets.write_data_list import write_data_list

TRUTH = "seriesuid,coordX,coordY,coordZ,diameter_mm"
ROWS = "seriesuid,coordX,coordY,coordZ,probability"


def file(path: Path, *lines: str) -> str:
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def metrics_of(output: Path) -> dict:
    return json.loads((output / "metrics.json").read_bytes())


@pytest.fixture
def truth(tmp_path: Path) -> str:
    return file(tmp_path / "annotations.csv", TRUTH, "a,0,0,0,10", "a,50,0,0,10", "b,0,0,0,8")


def score(tmp_path: Path, truth: str, predictions: str, *more: str) -> int:
    output = str(tmp_path / "out")
    return main(["evaluate", "detections", predictions, "--truth", truth, "--output", output, "--draws", "20", *more])


def test_detections_by_hand(tmp_path, truth, capsys):
    """4 scans, 3 nodules; hits at .9 and .6, false positives at .8 (a), .5 (c)."""
    said = file(tmp_path / "s.csv", ROWS, "a,1,0,0,.9", "a,99,0,0,.8", "b,0,1,0,.6", "b,70,0,0,.7", "c,0,0,0,.5")
    excluded = file(tmp_path / "e.csv", TRUTH, "b,70,4,0,-1")
    scans = file(tmp_path / "scans.csv", "a", "b", "c", "d")
    assert score(tmp_path, truth, said, "--excluded", excluded, "--scans", scans) == 0
    found = metrics_of(tmp_path / "out")
    # 1/3 up to 1/4 false positive per scan, where the second hit follows: 2/3 from there on
    sensitivity = {"0.125": 1 / 3, **dict.fromkeys(("0.25", "0.5", "1", "2", "4", "8"), 2 / 3)}
    assert found["all_scans"]["sensitivity"] == pytest.approx(sensitivity)
    assert found["cpm"] == pytest.approx((1 / 3 + 6 * 2 / 3) / 7)
    n_scans = {name: found[name]["n_scans"] for name in ("all_scans", "scans_with_nodules", "scans_with_predictions")}
    assert n_scans == {"all_scans": 4, "scans_with_nodules": 2, "scans_with_predictions": 3}
    # 1 false positive in 2 scans
    assert found["scans_with_nodules"]["sensitivity"]["0.5"] == pytest.approx(2 / 3)
    assert found["candidates"] == {
        "nodules_found": 2, "false_positives": 2, "further_hits": 0, "in_excluded_findings": 1
    }  # fmt: skip
    assert found["overlap"] is None
    assert "all scans" in capsys.readouterr().out
    files = {"metrics.json", "report.html", "froc.csv", "froc.svg", "froc.png"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == files
    page = (tmp_path / "out" / "report.html").read_text()
    # of all scans, those with nodules, those with predictions
    assert row_of(page, "scans") == ["scans", "4", "2", "3"]
    assert row_of(page, "at 0.125")[1:3] == ["0.333", "0.333"]
    assert row_of(page, "at 0.5")[1:3] == ["0.667", "0.667"]
    assert "cannot be told" in page  # no sizes, no AP


def row_of(page: str, name: str) -> list[str]:
    """Cells of the table row that begins with a name, without the intervals."""
    cells = re.search(rf"<tr><th[^>]*>{name}</th>(.*?)</tr>", page).group(1)
    return [name, *(cell.split(" ")[0] for cell in re.findall(r"<td[^>]*>(.*?)</td>", cells))]


def test_the_written_curve_gives_the_sensitivities(tmp_path, truth):
    rng = np.random.default_rng(0)
    rows = [
        f"{'ab'[n % 2]},{x},0,0,{p}"
        for n, (x, p) in enumerate(zip(rng.uniform(-9, 60, 80), rng.random(80), strict=True))
    ]
    assert score(tmp_path, truth, file(tmp_path / "s.csv", ROWS, *rows), "--quiet") == 0
    with (tmp_path / "out" / "froc.csv").open() as stream:
        curve = [row for row in csv.DictReader(stream) if row["denominator"] == "all_scans"]
    x, y = ([float(row[key]) for row in curve] for key in ("false_positives_per_scan", "sensitivity"))
    said = metrics_of(tmp_path / "out")["all_scans"]["sensitivity"]
    assert np.interp([float(rate) for rate in said], x, y) == pytest.approx(list(said.values()), abs=1e-6)


def test_faulty_rows_end_with_3_and_are_listed(tmp_path, truth, capsys):
    said = file(tmp_path / "s.csv", ROWS, "a,1,0,0,.9", "a,nan,0,0,.8", "x,1,0,0,.8", "a,1,0,0,.9")
    assert score(tmp_path, truth, said) == 3
    assert (tmp_path / "out" / "faulty_rows.csv").read_text() == "where,reason\nline 3,coordinate x is not finite\n"
    rows = metrics_of(tmp_path / "out")["rows"]
    assert rows == {"detections": 3, "faulty": 1, "unknown_scan": 1, "duplicate": 1, "over_limit": 0, "scored": 1}
    assert "1 faulty rows, 1 of scans that the truth does not know, 1 said twice" in capsys.readouterr().out


def test_no_candidates_and_no_nodules(tmp_path, truth, capsys):
    nothing = file(tmp_path / "s.csv", ROWS)
    assert score(tmp_path, truth, nothing, "--json") == 0
    assert json.loads(capsys.readouterr().out)["cpm"] == 0
    scans = file(tmp_path / "scans.csv", "c")
    assert score(tmp_path, truth, file(tmp_path / "s.csv", ROWS, "c,0,0,0,.5"), "--scans", scans) == 0
    found = metrics_of(tmp_path / "out")["all_scans"]
    assert (found["cpm"], found["false_positives_per_scan_of_all_candidates"]) == (None, 1)


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        (("a,nan,0,0,.8",), 4, "No row of the predictions can be used"),
        (("x,1,0,0,.8",), 4, "knows none of the scans"),
        (("7,1,0,0,.8",), 4, "--match-scan-numbers"),
        ((), 5, "does not exist"),
    ],
)
def test_what_cannot_be_scored(rows, code, words, tmp_path, truth, capsys):
    said = file(tmp_path / "s.csv", ROWS, *rows) if rows else str(tmp_path / "nowhere.csv")
    assert score(tmp_path, truth, said) == code
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_numbered_scans(tmp_path, truth):
    said = file(tmp_path / "s.csv", ROWS, "0,0,1,0,.9", "1,1,0,0,.8", "1,50,0,0,.7")
    blocks = file(tmp_path / "blocks.csv", "seriesuid,subset", "a,0", "b,0")
    assert score(tmp_path, truth, said, "--match-scan-numbers", blocks) == 0
    found = metrics_of(tmp_path / "out")
    assert found["cpm"] == 1
    assert found["scan_numbers"]["n_scans"] == 2


def test_a_data_list_as_truth_with_boxes_from_json(tmp_path):
    """Box of 8 mm in a nodule of 10 mm: 512 of 1000 mm3. The incomplete scan's other candidate is no false positive."""
    nodule = NoduleLabel("n1", (0.0, 0.0, 0.0), size_mm=(10.0, 10.0, 10.0))
    scans = (
        ScanLabel("a", "p1", "a.nii.gz", True, (nodule,)),
        ScanLabel("b", "p1", "b.nii.gz", True),
        ScanLabel("c", "p2", "c.nii.gz", False, (nodule,)),
    )
    write_data_list(DataList("own", scans), tmp_path)
    boxes = [{"image": f"{case}.nii.gz", "box": [[0, 0, 0, 8, 8, 8], [90, 0, 0, 8, 8, 8]], "label_scores": [0.9, 0.8]}
             for case in "ac"]  # fmt: skip
    assert score(tmp_path, str(tmp_path), file(tmp_path / "p.json", json.dumps(boxes))) == 0
    found = metrics_of(tmp_path / "out")
    assert (found["all_scans"]["n_scans"], found["candidates"]["false_positives"]) == (2, 1)
    assert found["incomplete_scans"] == {"n_scans": 1, "n_nodules": 1, "nodules_found": 1}
    assert found["overlap"]["ap"] == pytest.approx({f"{n / 100:g}": 1 for n in range(10, 55, 5)})
    assert {"overlap.svg", "overlap.png"} <= {path.name for path in (tmp_path / "out").iterdir()}
    assert row_of((tmp_path / "out" / "report.html").read_text(), "0.1") == ["0.1", "1", "1"]


def test_what_infer_wrote(tmp_path, small_bundle, small_chest, capsys):
    """A nodule of 1 mm on the first finding, the other one is false; by folder and by table."""
    image = sitk.GetImageFromArray(small_chest.hu)
    image.SetSpacing((2.5, 2.5, 2.5))
    image.SetOrigin(tuple(small_chest.affine_lps[:3, 3]))
    sitk.WriteImage(image, str(tmp_path / "scan_a.nrrd"))
    quick = ["--bundle", str(small_bundle), "--min-probability", "0", "--max-findings", "2", "--quiet"]
    assert main(["infer", str(tmp_path / "scan_a.nrrd"), str(tmp_path / "infer"), *quick]) == 0
    with (tmp_path / "infer" / "findings.csv").open(newline="") as stream:
        first, _ = csv.DictReader(stream)
    place = ",".join(first[f"{axis}_mm"] for axis in "xyz")
    for name, predictions in (("scan_a", "infer"), (first["case_id"], "infer/findings.csv")):
        truth = file(tmp_path / "truth.csv", TRUTH, f"{name},{place},1")
        assert score(tmp_path, truth, str(tmp_path / predictions)) == 0
        found = metrics_of(tmp_path / "out")
        assert found["candidates"]["nodules_found"] == found["candidates"]["false_positives"] == 1
        assert found["rows"]["unknown_scan"] == 0
        assert set(found["overlap"]) >= {"ap", "ar", "map", "mar"}  # infer says boxes


def test_an_output_that_cannot_be_written(tmp_path, truth, capsys):
    (tmp_path / "out").write_text("in the way")
    assert score(tmp_path, truth, file(tmp_path / "s.csv", ROWS, "a,1,0,0,.9")) == 6


def test_one_scan_has_figures_without_intervals(tmp_path, capsys):
    """Drawn again and again it is always the same: an interval of no width would look like certainty."""
    one = file(tmp_path / "one.csv", TRUTH, "a,0,0,0,10")
    assert score(tmp_path, one, file(tmp_path / "s.csv", ROWS, "a,0,0,1,.9", "a,50,0,0,.3")) == 0
    found = metrics_of(tmp_path / "out")["all_scans"]
    assert (found["cpm"], found["cpm_ci95"]) == (1, None)
    assert "nan" not in capsys.readouterr().out
