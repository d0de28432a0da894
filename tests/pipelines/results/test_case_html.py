from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from resmtnet.pipelines.records import Volume
from resmtnet.pipelines.results import case_html as case_html_module
from resmtnet.pipelines.results.case_files import CASE_FILES
from resmtnet.pipelines.results.case_html import case_html
from resmtnet.pipelines.results.page.files_beside import BESIDE
from resmtnet.pipelines.results.write_case import write_case

VIEWS = ["axial", "coronal", "sagittal"]
TWO = ((10.0, -6.0, 4.0), (-12.0, 8.0, 0.0))
PAGE_BYTES = 8_000_000


class Page(HTMLParser):
    """Tags, texts, and what stands in each section of a finding."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.sections: dict[str, list[tuple[str, dict[str, str | None]]]] = {}
        self.text, self._inside = "", ""
        self.feed(data.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append((tag, named))
        if tag == "section":
            self._inside = str(named["id"])
        if self._inside:
            self.sections.setdefault(self._inside, []).append((tag, named))

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == "section" else self._inside

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("lie", ["axial", "sagittal", "flipped", "oblique", "sheared"])
def test_every_finding_in_three_views(make_case, lie: str) -> None:
    page = Page(case_html(*make_case(lie, offsets_mm=TWO)))
    assert list(page.sections) == ["finding-1", "finding-2"]
    for tags in page.sections.values():
        assert [named["data-view"] for tag, named in tags if tag == "figure"] == VIEWS
        sliders = [named for tag, named in tags if tag == "input"]
        assert [named["type"] for named in sliders] == ["range"]
        slices = [named for _, named in tags if named.get("class", "").startswith("slice")]
        assert int(sliders[0]["max"]) == len(slices) - 1
        assert [named["class"] for named in slices].count("slice on") == 1
        numbers = [int(named["data-k"]) for named in slices]
        assert numbers == list(range(numbers[0], numbers[-1] + 1))


def test_slices_of_the_finding_and_beyond_it(make_case) -> None:
    result, volume = make_case()
    page = Page(case_html(result, volume))
    slices = [named for _, named in page.tags if named.get("class", "").startswith("slice")]
    mask = result.findings[0].mask
    first, last = mask.start_kji[0], mask.start_kji[0] + mask.voxels.shape[0] - 1
    assert [int(one["data-k"]) for one in slices] == list(range(first - 3, last + 4))  # 6 mm of slices of 2 mm
    shown = [int(one["data-k"]) for one in slices if one["class"] == "slice on"]
    assert shown == [result.findings[0].key_slice_k]


def test_numbers_are_those_of_the_record(make_case) -> None:
    result, volume = make_case(offsets_mm=TWO)
    page = Page(case_html(result, volume))
    for finding in result.findings:
        data = [named for tag, named in page.sections[f"finding-{finding.finding_id}"] if tag == "data"]
        found = {named["data-key"]: float(named["value"]) for named in data}
        names = ("probability", "long_axis_mm", "short_axis_mm", "diameter_3d_mm", "volume_mm3", "mean_hu")
        more = ("malignancy_probability", "malignancy_sd", "outline_uncertainty", "key_slice_k")
        expected = {name: float(getattr(finding, name)) for name in (*names, *more)}
        expected |= {f"attribute_{name}": float(value) for name, value in finding.attributes.items()}
        expected |= {f"centre_{axis}_mm": v for axis, v in zip("xyz", finding.centre_lps_mm, strict=True)}
        assert found == expected
    assert "12.0 mm" in page.text
    assert "not calibrated" in page.text
    assert f"{result.findings[0].key_slice_k + 1} of 40" in page.text


def test_calibrated_and_unknown_are_said(make_case) -> None:
    result, volume = make_case()
    finding = replace(result.findings[0], calibrated=True, outline_uncertainty=None)
    text = Page(case_html(replace(result, findings=(finding,)), volume)).text
    assert "calibrated" in text
    assert "not calibrated" not in text
    assert "not known" in text


def test_provenance_warnings_and_notice(make_case) -> None:
    changes = {"codes": ("W_GANTRY_TILT",), "notes": ("W_GANTRY_TILT (17 degrees)",), "status": "warned"}
    text = Page(case_html(*make_case(**changes))).text
    for words in ("d1", "p1", "c1", "w1", "lung_nodule_ct", "Not a medical device", "W_GANTRY_TILT (17 degrees)"):
        assert words in text
    assert "The slices are sheared (gantry tilt); the true positions are used." in text
    assert "Version of resmtnet" in text


def test_links_lead_to_files_beside_it(make_case, tmp_path: Path) -> None:
    result, volume = make_case(outputs=("nifti", "preview", "json", "html"))
    folder = write_case(tmp_path, result, volume)
    (tmp_path / "index.html").write_text("")
    page = Page((folder / "case.html").read_bytes())
    targets = {str(named[key]) for _, named in page.tags for key in ("src", "href") if named.get(key)}
    ids = {named.get("id") for _, named in page.tags}
    away = {target for target in targets if not target.startswith("data:image/png;base64,")}
    assert away - {t for t in away if t.startswith("#") and t[1:] in ids} == {
        *("../../index.html", "case.json", "nodules.nii.gz", "preview.png"),
    }
    assert all((folder / target).is_file() for target in away if not target.startswith("#"))


def test_every_file_of_the_registry_has_its_link() -> None:
    names = {(file.output, file.name) for file in CASE_FILES}
    assert {(file.output, file.name) for file in BESIDE} == names - {("html", "case.html")}


def test_no_link_to_a_file_that_is_not_made(make_case) -> None:
    everything = tuple({file.output for file in CASE_FILES})
    result, volume = make_case(outputs=everything, notes=("W_FILE_NOT_MADE (preview.png: ValueError)",))
    for offsets, left in (((), {"nodules.nii.gz"}), (TWO, {"nodules.nii.gz", "markups.mrk.json", "open_in_slicer.py"})):
        findings = make_case(offsets_mm=offsets)[0].findings
        page = Page(case_html(replace(result, findings=findings), volume))  # no slices: no DICOM source to refer to
        hrefs = {str(named["href"]) for tag, named in page.tags if tag == "a"}
        assert {h for h in hrefs if h[0] not in "#."} == {"case.json", *left}


def test_nothing_is_loaded_and_only_its_own_script_may_run(make_case) -> None:
    data = case_html(*make_case())
    page = Page(data)
    assert not {"link", "iframe", "object", "embed", "base", "form"} & {tag for tag, _ in page.tags}
    assert [named for tag, named in page.tags if tag == "script"] == [{}]
    assert not re.search(rb"https?:|url\(|@import|\bon\w+=", data)
    script = data.split(b"<script>")[1].split(b"</script>")[0]
    policy = next(named["content"] for _, named in page.tags if named.get("http-equiv") == "Content-Security-Policy")
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:;")


def test_no_patient_and_everything_escaped(make_case) -> None:
    bad = '"><script>alert(1)</script>'
    result, volume = make_case()
    finding = replace(result.findings[0], attributes={bad: 1.0}, lung_side=bad)
    changes = {"notes": (bad,), "codes": (bad,), "choice": bad, "versions": {bad: bad}, "bundle": bad}
    data = case_html(replace(result, findings=(finding,), **changes), replace(volume, decoder=bad))
    assert b"CANARY" not in data
    assert data.count(b"<script") == 1
    assert b"<script>alert" not in data


def test_scan_without_finding(make_case) -> None:
    page = Page(case_html(*make_case(offsets_mm=())))
    assert "No finding above the threshold" in page.text
    assert [named["data-view"] for tag, named in page.tags if tag == "figure"] == ["coronal", *VIEWS]
    assert page.sections == {}


def test_case_that_was_not_read_has_no_page(rejected) -> None:
    assert case_html(rejected, None) is None


def test_same_case_same_bytes(make_case) -> None:
    assert case_html(*make_case()) == case_html(*make_case())


def test_page_stays_small_whatever_is_on_it(make_case, monkeypatch) -> None:
    result, small = make_case()
    rng = np.random.default_rng(0)
    hu = rng.integers(-1350, 240, (30, 160, 160), dtype=np.int16)  # noise cannot be packed
    affine = np.diag([0.4, 0.4, 0.3, 1.0])
    mask = replace(result.findings[0].mask, start_kji=(10, 70, 70), voxels=np.ones((9, 20, 20), dtype=bool))
    one = replace(result.findings[0], centre_lps_mm=(32.0, 32.0, 4.2), key_slice_k=14, mask=mask)
    findings = tuple(replace(one, finding_id=n) for n in range(1, 4))
    assert case_html_module._ROOM_BYTES < PAGE_BYTES * 0.9
    room = 1_000_000
    monkeypatch.setattr(case_html_module, "_ROOM_BYTES", room)
    data = case_html(replace(result, findings=findings), Volume(hu, affine, small.plan))
    page = Page(data)
    assert room / 2 < len(data) < room * PAGE_BYTES / 7_000_000
    assert len(page.sections) == 3
    for tags in page.sections.values():
        assert [named["data-view"] for tag, named in tags if tag == "figure"] == VIEWS
        slices = [named for _, named in tags if str(named.get("class", "")).startswith("slice")]
        assert 1 < len(slices) < 29
        assert [named["data-k"] for named in slices if named["class"] == "slice on"] == ["14"]
