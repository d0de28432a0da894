"""The pages in a real browser; skipped where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from resmtnet.pipelines.results.finished_cases import finished_cases
from resmtnet.pipelines.results.run_info import RunInfo
from resmtnet.pipelines.results.write_case import write_case
from resmtnet.pipelines.results.write_run import write_run

TWO = ((10, -6, 4), (-12, 8, 0))
OUTPUTS = ("json", "csv", "nifti", "preview", "html")
SLICES = "[...document.querySelectorAll('#finding-1 g.slice')]"
SHOWN = f"{SLICES}.filter(g => getComputedStyle(g).display !== 'none').map(g => +g.dataset.k)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent))
        from browser import Browser, chromium
    program = chromium()
    if program is None:
        pytest.skip("no Chromium here")
    with Browser(program) as running:
        yield running


@pytest.fixture(scope="module")
def output(make_case, rejected, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three scans with 2, 1 and no findings, and one that was refused."""
    folder = tmp_path_factory.mktemp("output")
    write_case(folder, rejected, None)
    for case_id, offsets in (("case-03", TWO), ("case-01", TWO[:1]), ("case-04", ())):
        result, volume = make_case(offsets_mm=offsets, case_id=case_id, outputs=OUTPUTS)
        findings = tuple(
            replace(finding, long_axis_mm=9.5 + finding.finding_id, volume_mm3=5000.0 / finding.finding_id)
            for finding in result.findings
        )
        write_case(folder, replace(result, findings=findings), volume)
    run = RunInfo("lung_nodule_ct", 3, timings_s={"network": 3.5}, skipped={"I_NON_DICOM": 2}, outputs=OUTPUTS)
    write_run(folder, run, tuple(finished_cases(folder).values()), links=None)
    return folder


@pytest.fixture
def page(browser: Any, output: Path) -> Any:
    browser.size(1280)
    browser.look()
    browser.open(output / "cases" / "case-03" / "case.html")
    return browser


def picture(browser: Any, place: Path) -> np.ndarray:
    browser.screenshot(place)
    return np.asarray(Image.open(place).convert("RGB")).astype(int)


def test_no_complaints_on_any_page(browser: Any, output: Path) -> None:
    for name in ("index.html", "cases/case-03/case.html", "cases/case-04/case.html"):
        browser.open(output / name)
        assert browser.complaints() == [], name


def test_complaints_are_heard(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text("<img src='http://127.0.0.1:9/x.png'><script>none()</script>")
    browser.open(tmp_path / "bad.html")
    assert len(browser.complaints()) >= 2


def test_slider_moves_through_the_slices_by_keyboard(page: Any) -> None:
    first = page.run(SHOWN)
    assert len(first) == 1
    page.run("document.querySelector('#finding-1 input[type=range]').focus()")
    page.press("ArrowRight", 39)
    assert page.run(SHOWN) == [first[0] + 1]
    assert page.run("document.querySelector('#finding-1 output').textContent").startswith(
        f"slice {first[0] + 2} of 40, z "
    )
    line = "document.querySelector('#finding-1 [data-view=coronal] .cut').getBoundingClientRect().top"
    before = page.run(line)
    page.press("ArrowLeft", 37)
    page.press("ArrowLeft", 37)
    assert page.run(SHOWN) == [first[0] - 1]
    size = page.run("document.querySelector('#finding-1 [data-view=coronal] svg').getBoundingClientRect().width")
    assert page.run(line) - before == pytest.approx(2 * 2.0 * size / 50, abs=0.5)  # two slices of 2 mm in 50 mm, down


def test_what_is_drawn_is_what_was_measured(page: Any, tmp_path: Path) -> None:
    box = page.run(
        "(r => [r.x + scrollX, r.y + scrollY, r.width])(document.querySelector("
        "'#finding-1 [data-view=axial] svg').getBoundingClientRect())"
    )
    seen = picture(page, tmp_path / "page.png")
    scale = box[2] / 50

    def colour(x_mm: float, y_mm: float) -> np.ndarray:
        return seen[round(box[1] + box[2] / 2 + y_mm * scale), round(box[0] + box[2] / 2 + x_mm * scale)]

    assert np.abs(colour(3, 3) - 235).max() <= 2  # 30 HU in a window of -1350 to 150
    assert np.abs(colour(12, -12) - 85).max() <= 2  # -850 HU
    ring = [colour(6 * np.cos(a), 6 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 200)]
    assert (
        np.mean([c[0] - c[2] > 100 for c in ring]) > 0.2
    )  # yellow, here and there off the circle: voxels have corners
    bar = page.run("document.querySelector('#finding-1 [data-view=axial] .bar').getBBox().width")
    assert bar == pytest.approx(10)


def test_window_and_outlines_are_switched_by_keyboard(page: Any, tmp_path: Path) -> None:
    visible = "(c => getComputedStyle(document.querySelector('#finding-1 g.on image.' + c)).display !== 'none')"
    assert page.run(f"['lung', 'soft'].map({visible})") == [True, False]
    page.run("document.querySelector('#window-lung').focus()")
    page.press("ArrowRight", 39)
    assert page.run(f"['lung', 'soft'].map({visible})") == [False, True]
    assert "Soft-tissue window" in page.run("document.querySelector('main').innerText")
    outline = "getComputedStyle(document.querySelector('#finding-1 g.on .edge')).visibility"
    assert page.run(outline) == "visible"
    page.run("document.querySelector('#show-outline').focus()")
    page.press(" ", 32, " ")
    assert page.run(outline) == "hidden"


def test_focus_is_seen(page: Any) -> None:
    page.press("Tab", 9)
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert page.run("document.activeElement.tagName") == "A"


def test_without_script_all_is_there_to_read(page: Any, output: Path) -> None:
    page.send("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.open(output / "cases" / "case-03" / "case.html")
        assert len(page.run(SHOWN)) == 1
        assert page.run("document.querySelector('input[type=range]').checkVisibility()") is False
        assert "slice" in page.run("document.querySelector('output').innerText")
        page.open(output / "index.html")
        assert page.run("document.querySelectorAll('th button').length") == 0
        assert "Export the whole series again" in page.run("document.body.innerText")
    finally:
        page.send("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("name", ["index.html", "cases/case-03/case.html"])
def test_light_dark_narrow_and_paper(browser: Any, output: Path, name: str, tmp_path: Path) -> None:
    browser.size(360)
    browser.look()
    browser.open(output / name)
    assert browser.run("document.documentElement.scrollWidth") <= 360
    browser.size(1280)
    light = picture(browser, tmp_path / "light.png")[2, 2]
    browser.look(dark=True)
    dark = picture(browser, tmp_path / "dark.png")[2, 2]
    assert light.min() > 200 > 60 > dark.max()
    browser.look(dark=True, paper=True)
    assert picture(browser, tmp_path / "paper.png")[2, 2].min() == 255
    assert not browser.run("[...document.querySelectorAll('input')].some(one => one.checkVisibility())")
    browser.look()
    pdf = browser.pdf()
    assert pdf.startswith(b"%PDF")
    assert len(pdf) > 20_000


def column(browser: Any, table: str, n: int) -> list[str]:
    return list(browser.run(f"[...document.querySelectorAll('#{table} tbody tr')].map(r => r.cells[{n}].innerText)"))


def test_tables_sort_by_click_and_by_key(browser: Any, output: Path) -> None:
    browser.size(1280)
    browser.open(output / "index.html")
    head = "document.querySelectorAll('#findings th')[{n}]"
    assert column(browser, "findings", 4) == ["5\u202f000", "5\u202f000", "2\u202f500"]
    browser.run(f"{head.format(n=4)}.querySelector('button').click()")
    assert column(browser, "findings", 4) == ["2\u202f500", "5\u202f000", "5\u202f000"]
    assert browser.run(f"{head.format(n=4)}.getAttribute('aria-sort')") == "ascending"
    browser.run(f"{head.format(n=3)}.querySelector('button').focus()")
    browser.press("Enter", 13, "\r")
    assert [text.split()[0] for text in column(browser, "findings", 3)] == ["10.5", "10.5", "11.5"]
    browser.press("Enter", 13, "\r")
    assert [text.split()[0] for text in column(browser, "findings", 3)] == ["11.5", "10.5", "10.5"]
    assert browser.run(f"{head.format(n=3)}.getAttribute('aria-sort')") == "descending"
    assert browser.run(f"{head.format(n=4)}.hasAttribute('aria-sort')") is False


def test_what_is_not_there_sorts_last_either_way(browser: Any, output: Path) -> None:
    browser.open(output / "index.html")
    for expected in (["case-01", "case-03"], ["case-03", "case-01"]):
        browser.run("document.querySelectorAll('#scans th')[3].querySelector('button').click()")
        assert column(browser, "scans", 0)[:2] == expected
        assert set(column(browser, "scans", 3)[2:]) == {"\u2013"}


def test_pictures_of_the_index_are_shown(browser: Any, output: Path) -> None:
    browser.open(output / "index.html")
    loaded = "i => { i.loading = 'eager'; return i.decode().then(() => i.naturalWidth) }"
    widths = browser.run(f"Promise.all([...document.images].map({loaded}))")
    assert len(widths) == 3
    assert min(widths) > 100
