from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from resmtnet.pipelines.results.case_files import CASE_FILES
from resmtnet.pipelines.results.finished_cases import finished_cases
from resmtnet.pipelines.results.index_html import index_html
from resmtnet.pipelines.results.run_info import RunInfo
from resmtnet.pipelines.results.write_case import write_case

RUN = RunInfo(
    "lung_nodule_ct",
    3,
    config_hash="c1",
    device="cpu",
    timings_s={"network": 3.5, "write": 0.25, "total": 9.0},
    skipped={"I_NON_DICOM": 2},
)
TWO = ((10, -6, 4), (-12, 8, 0))
OUTPUTS = ("json", "csv", "nifti", "preview", "html")


class Page(HTMLParser):
    """Tables by name: rows of (text, sort key), the head first; targets of links; tags."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.tables: dict[str, list[list[tuple[str, str | None]]]] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text, self._name, self._in_cell = "", "", False
        self.feed(data.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append((tag, named))
        if tag == "table":
            self._name = str(named.get("id"))
            self.tables[self._name] = []
        elif tag == "tr":
            self.tables[self._name].append([])
        elif tag in ("td", "th"):
            self._in_cell = True
            self.tables[self._name][-1].append(("", named.get("data-sort")))

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_cell:
            text, sort = self.tables[self._name][-1].pop()
            self.tables[self._name][-1].append((text + data, sort))

    def column(self, table: str, name: str) -> list[tuple[str, str | None]]:
        head = [text for text, _ in self.tables[table][0]]
        return [row[head.index(name)] for row in self.tables[table][1:]]


@pytest.fixture(scope="module")
def cases(make_case, rejected, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    for case_id in ("case-03", "case-01"):
        write_case(folder, *make_case(offsets_mm=TWO, case_id=case_id, outputs=OUTPUTS))
    warned = {"case_id": "case-04", "status": "warned", "codes": ("W_LOSSY",), "outputs": ("json",)}
    write_case(folder, *make_case(offsets_mm=(), timings_s={"network": 4.0}, **warned))
    write_case(folder, rejected, None)
    return tuple(finished_cases(folder).values())


def test_every_scan_in_order_with_its_worst(cases) -> None:
    page = Page(index_html(cases, RUN))
    assert [text for text, _ in page.column("scans", "Case")] == ["case-01", "case-02", "case-03", "case-04"]
    assert [text for text, _ in page.column("scans", "Findings")] == ["2", "0", "2", "0"]
    assert page.column("scans", "Largest, mm")[:2] == [("12.0", "12.0"), ("\u2013", "")]
    assert [text for text, _ in page.column("scans", "Status")] == ["ok", "rejected", "ok", "warned"]


def test_findings_sort_by_what_they_are_not_by_what_is_shown(cases, make_case) -> None:
    page = Page(index_html(cases, RUN))
    truth = [*make_case(offsets_mm=TWO)[0].findings] * 2
    for name, axis in (("x", 0), ("y", 1), ("z", 2)):
        assert [float(sort) for _, sort in page.column("findings", name)] == [f.centre_lps_mm[axis] for f in truth]
    assert [float(sort) for _, sort in page.column("findings", "Probability")] == [f.probability for f in truth]
    assert page.column("findings", "z")[0][0].startswith("\u2212")
    assert page.column("findings", "Malignancy")[0] == ("0.25*", "0.25")
    assert page.column("findings", "Volume, mm\u00b3")[0][0] == "905"
    assert "* not calibrated" in page.text


def test_no_star_where_all_is_calibrated(make_case, tmp_path) -> None:
    result, volume = make_case()
    findings = tuple(replace(finding, calibrated=True) for finding in result.findings)
    write_case(tmp_path, replace(result, findings=findings), volume)
    assert "not calibrated" not in Page(index_html(tuple(finished_cases(tmp_path).values()), RUN)).text


def test_refused_with_reason_and_remedy_and_warnings_counted(cases) -> None:
    page = Page(index_html(cases, RUN))
    row = [text for text, _ in page.tables["refused"][1]]
    assert row[:3] == ["case-02", "rejected", "E_MISSING_SLICES"]
    assert row[3:] == [
        "Slices are missing inside the stack.",
        "2 of 40 slices are missing",
        "Export the whole series again from the archive.",
        "38",
    ]
    assert [text for text, _ in page.tables["warnings"][1]][:3] == [
        *("W_LOSSY", "1", "The images were compressed with loss."),
    ]


def test_time_by_stage(cases) -> None:
    page = Page(index_html(cases, RUN))
    rows = {row[0][0]: [text for text, _ in row[1:]] for row in page.tables["timing"][1:]}
    assert rows["network"] == ["3.50", "2.33", "4.00", "case-04"]  # (1.5 + 1.5 + 4) / 3
    assert rows["total"][0] == "9.00"
    assert list(rows)[-1] == "total"


def test_links_to_pages_of_cases_that_have_one(cases) -> None:
    targets = {str(named["href"]) for _, named in Page(index_html(cases, RUN)).tags if "href" in named}
    pages = {target for target in targets if ".html" in target}
    assert pages == {f"cases/case-0{n}/case.html{end}" for n in (1, 3) for end in ("", "#finding-1", "#finding-2")}
    assert {"cases/case-02/case.json", "cases/case-04/case.json", "findings.csv"} <= targets


def test_links_to_the_tables_that_there_are(cases) -> None:
    some = ["#scans", "#findings", "#timing"]
    for shown, expected in ((cases, [*some[:2], "#warnings", "#refused", *some[2:]]), ((), some)):
        targets = [str(named["href"]) for tag, named in Page(index_html(shown, RUN)).tags if tag == "a"]
        assert [target for target in targets if target[0] == "#"] == expected


def test_only_its_own_script_and_pictures_beside_it(cases) -> None:
    data = index_html(cases, RUN)
    page = Page(data)
    script = data.split(b"<script>")[1].split(b"</script>")[0]
    policy = next(named["content"] for _, named in page.tags if named.get("http-equiv") == "Content-Security-Policy")
    assert f"script-src 'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" in str(policy)
    assert b"http:" not in data
    assert b"https:" not in data
    sources = {str(named["src"]) for _, named in page.tags if "src" in named}
    assert sources == {f"cases/case-0{n}/preview.png" for n in (1, 3)}


def test_everything_is_escaped_and_nobody_is_named(make_case, rejected, tmp_path) -> None:
    bad = '"><script>alert(1)</script>'
    write_case(tmp_path, *make_case(notes=(bad,), choice=bad, codes=(bad,), status="warned"))
    write_case(tmp_path, replace(rejected, reason=bad, codes=(bad,)), None, files=[CASE_FILES[-1]])
    run = replace(RUN, device=bad, versions={bad: bad}, skipped={bad: 1}, timings_s={bad: 1.0}, bundle=bad)
    data = index_html(tuple(finished_cases(tmp_path).values()), run)
    assert data.count(b"<script") == 1
    assert b"CANARY" not in data


def test_run_without_cases() -> None:
    page = Page(index_html((), RunInfo("lung_nodule_ct", 4)))
    assert page.text.count("none") >= 3
    assert "refused" not in page.tables
