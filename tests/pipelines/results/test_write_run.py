from __future__ import annotations

import csv
import json
import os
import stat
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from resmtnet.pipelines.records import Origin
from resmtnet.pipelines.results.finished_cases import finished_cases
from resmtnet.pipelines.results.links_csv import read_links
from resmtnet.pipelines.results.output_not_writable import OutputNotWritable
from resmtnet.pipelines.results.remove_cases import remove_cases
from resmtnet.pipelines.results.run_files import RUN_FILES, RunFile
from resmtnet.pipelines.results.run_info import RunInfo
from resmtnet.pipelines.results.write_case import write_case
from resmtnet.pipelines.results.write_run import write_run

RUN = RunInfo("lung_nodule_ct", 3, config_hash="c1", weights_hash="w1", device="cpu", skipped={"I_NON_DICOM": 2})
FIRST_COLUMNS = (
    "case_id,finding_id,probability,x_mm,y_mm,z_mm,long_axis_mm,short_axis_mm,volume_mm3,mean_hu,"
    "malignancy_probability,status"
)


def write(output: Path, run: RunInfo, **more: object) -> None:
    write_run(output, run, tuple(finished_cases(output).values()), **more)


@pytest.fixture
def output(make_case, rejected, tmp_path: Path) -> Path:
    write_case(tmp_path, rejected, None)
    for case_id in ("case-03", "case-01"):
        write_case(tmp_path, *make_case(offsets_mm=((10, -6, 4), (-12, 8, 0)), case_id=case_id))
    return tmp_path


def test_findings_one_row_each_in_order(output: Path, make_case) -> None:
    write(output, RUN, links=None)
    text = (output / "findings.csv").read_text()
    assert text.startswith(FIRST_COLUMNS + ",")
    rows = list(csv.DictReader(text.splitlines()))
    order = [(row["case_id"], row["finding_id"]) for row in rows]
    assert order == [("case-01", "1"), ("case-01", "2"), ("case-03", "1"), ("case-03", "2")]
    truth = make_case(offsets_mm=((10, -6, 4), (-12, 8, 0)))[0].findings[1]
    row = rows[1]
    assert [float(row[c]) for c in ("x_mm", "y_mm", "z_mm")] == pytest.approx(truth.centre_lps_mm, abs=1e-3)
    assert [float(row[c]) for c in ("i", "j", "k")] == pytest.approx(truth.centre_ijk, abs=1e-3)
    assert float(row["probability"]) == pytest.approx(0.8)
    assert float(row["volume_mm3"]) == pytest.approx(truth.volume_mm3, abs=1e-3)
    assert (row["status"], row["lung_side"], row["calibrated"]) == ("ok", "right", "false")


def test_cases_that_are_not_given_are_not_listed(output: Path) -> None:
    records = finished_cases(output)
    write_run(output, RUN, [records["case-03"]], links=None)
    rows = csv.DictReader((output / "findings.csv").read_text().splitlines())
    assert {row["case_id"] for row in rows} == {"case-03"}
    assert "case-01" not in (output / "index.html").read_text()
    assert json.loads((output / "run.json").read_text())["n_cases"] == 1
    assert finished_cases(output) == records


def test_run_counts_what_it_is_given(output: Path) -> None:
    write(output, RUN, links=None)
    run = json.loads((output / "run.json").read_text())
    assert run["cases_by_status"] == {"ok": 2, "rejected": 1}
    assert run["cases_by_code"] == {"E_MISSING_SLICES": 1}
    assert (run["n_cases"], run["n_findings"], run["exit_code"]) == (3, 4, 3)
    assert run["skipped_by_code"] == {"I_NON_DICOM": 2}
    assert "Not a medical device" in run["note"]


def test_no_case_gives_tables_without_rows(tmp_path: Path) -> None:
    write(tmp_path, RUN, links={})
    assert (tmp_path / "findings.csv").read_text().count("\n") == 1
    assert json.loads((tmp_path / "run.json").read_text())["n_cases"] == 0


def test_resumed_run_ends_with_the_same_files(output: Path) -> None:
    links = {"case-01": Origin("a/b", "1.2.3")}
    write(output, RUN, links=links)
    first = {p: p.read_bytes() for p in output.rglob("*") if p.is_file()}
    write(output, RUN, links=links)
    assert {p: p.read_bytes() for p in output.rglob("*") if p.is_file()} == first


def test_links_are_private(output: Path) -> None:
    before = os.umask(0)
    try:
        write(output, RUN, links={"case-01": Origin("a/b", "1.2.3")})
    finally:
        os.umask(before)
    assert stat.S_IMODE((output / "private").stat().st_mode) == 0o700
    assert stat.S_IMODE((output / "private" / "links.csv").stat().st_mode) == 0o600
    assert (output / "private" / "links.csv").read_text() == "case_id,relative_path,series_uid\ncase-01,a/b,1.2.3\n"


def test_links_grow_and_survive_odd_names(output: Path) -> None:
    odd = {
        "case-01": Origin("=cmd|' /C calc'!A0", "1.2"),
        "case-02": Origin('a, "b"\nc', ""),
        "case-03": Origin("'=x", "-1"),
    }
    write(output, RUN, links={"case-01": Origin("old", "")})
    write(output, RUN, links=odd)
    write(output, RUN, links={"case-04": Origin(os.fsdecode(b"\xff-latin"), "")})
    path = output / "private" / "links.csv"
    assert read_links(path) == {**odd, "case-04": Origin(os.fsdecode(b"\xff-latin"), "")}
    cells = [cell for row in csv.reader(path.read_bytes().decode("utf-8", "replace").splitlines()) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_no_links_wanted(output: Path) -> None:
    write(output, RUN, links=None)
    assert not (output / "private").exists()


def test_no_links_wanted_any_more(output: Path) -> None:
    write(output, RUN, links={"case-01": Origin("a/b", "1.2.3")})
    (output / "private" / "key").write_text("x")
    write(output, RUN, links=None)
    assert [path.name for path in (output / "private").iterdir()] == ["key"]
    (output / "private" / "key").unlink()
    write(output, RUN, links=None)
    assert not (output / "private").exists()


def test_links_of_cases_that_are_gone_are_dropped(output: Path) -> None:
    write(output, RUN, links={"case-01": Origin("a"), "case-02": Origin("b")})
    remove_cases(output, ["case-02"])
    write(output, RUN, links={"case-03": Origin("c")})
    assert read_links(output / "private" / "links.csv") == {"case-01": Origin("a"), "case-03": Origin("c")}


def test_nothing_public_names_the_scan(output: Path) -> None:
    write(output, RUN, links={"case-01": Origin("CANARY", "CANARY")})
    hits = [p.name for p in output.rglob("*") if p.is_file() and b"CANARY" in p.read_bytes()]
    assert hits == ["links.csv"]


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_page_shows_every_case_and_loads_nothing_from_elsewhere(output: Path) -> None:
    write(output, RUN, links=None)
    page = Page()
    page.feed((output / "index.html").read_text())
    assert [attributes for tag, attributes in page.tags if tag == "script"] == [{}]  # its own, inline
    targets = [a[key] for _, a in page.tags for key in ("src", "href") if a.get(key)]
    assert targets
    ids = {a.get("id") for _, a in page.tags}
    assert all(target[1:] in ids for target in targets if target[0] == "#")
    assert all((output / target.split("#")[0]).is_file() for target in targets if target[0] != "#")
    for word in ("case-01", "case-02", "case-03", "E_MISSING_SLICES", "Export the whole series again", "Research use"):
        assert word in page.text


def test_page_escapes_everything(rejected, tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>"
    write_case(tmp_path, replace(rejected, reason=bad, codes=(bad,)), None)
    write(tmp_path, replace(RUN, device=bad, versions={bad: bad}), links=None)
    page = (tmp_path / "index.html").read_text()
    assert page.count("<script") == 1  # the page's own
    assert "alert(1)</script>" not in page


def test_writer_that_raises_leaves_the_old_file(output: Path) -> None:
    write(output, RUN, links=None)
    before = sorted(p.name for p in output.iterdir())

    def broken(cases: object, run: object) -> bytes:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        write(output, RUN, links=None, files=(*RUN_FILES, RunFile("csv", "more.txt", broken)))
    assert sorted(p.name for p in output.iterdir()) == before


def test_output_gone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputNotWritable):
        write(tmp_path / "file", RUN, links=None)


def test_page_shows_particulars_a_real_choice_and_what_was_no_scan(make_case, tmp_path: Path) -> None:
    particulars = {"codes": ("W_RESAMPLED",), "notes": ("W_RESAMPLED (1 missing, step <5> mm)",), "status": "warned"}
    write_case(tmp_path, *make_case(**particulars, choice="fits the rules; number 1 of 3 of its study by thickness"))
    write_case(tmp_path, *make_case(case_id="case-02", choice="fits the rules"))
    write(tmp_path, RUN, links=None)
    page = (tmp_path / "index.html").read_text()
    assert "W_RESAMPLED (1 missing, step &lt;5&gt; mm)" in page
    assert page.count("Taken: ") == 1
    assert "number 1 of 3 of its study by thickness" in page
    assert "2 x <code>I_NON_DICOM</code>" in page
