"""The page of a comparison: what stands on it, and that its pictures show the places that they name."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from resmtnet.pipelines.compare.compare_results import compare_aligned
from resmtnet.pipelines.compare.comparison import Comparison
from resmtnet.pipelines.compare.comparison_html import comparison_html
from resmtnet.pipelines.compare.comparison_text import comparison_text
from resmtnet.pipelines.compare.judge_alignment import Alignment

DAYS = 120
NODULE_GREY = 200  # of 255; soft tissue is above it in the lung window, lung below 100
PARTS = re.compile(r'<section class="finding" id="([^"]+)">(.*?)</section>', re.DOTALL)
TILE = re.compile(r'class="lung" width="(\d+)".*?base64,([^"]+)".*?<figcaption>(\w+), (\w+)', re.DOTALL)


@pytest.fixture
def comparison(before, after, result_before, result_after, known_motion) -> Comparison:
    alignment = Alignment(known_motion, 0.9, 1.0, 1.0)
    return compare_aligned((result_before, before), (result_after, after), alignment, interval_days=DAYS)


def middle_greys(section: str) -> dict[tuple[str, str], float]:
    """Mean grey of the middle of each picture (lung window), by date and view."""
    found = {}
    for width, data, date, view in TILE.findall(section):
        grey = np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))).astype(float)
        assert grey.shape == (int(width), int(width))
        n = int(width) // 2
        found[date, view] = float(grey[n - 2 : n + 2, n - 2 : n + 2].mean())
    return found


def test_each_nodule_is_shown_in_both_scans(comparison, before, after) -> None:
    sections = dict(PARTS.findall(comparison_html(comparison, before, after).decode()))
    assert set(sections) == {"pair-1", "pair-2", "new-3", "vanished-3"}
    views = {(date, view) for date in ("Before", "After") for view in ("axial", "coronal")}
    for name, section in sections.items():
        greys = middle_greys(section)
        assert set(greys) == views
        there = {"new-3": {"After"}, "vanished-3": {"Before"}}.get(name, {"Before", "After"})
        assert {date for (date, _), grey in greys.items() if grey > NODULE_GREY} == there, name
    ends = re.findall(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+)', sections["pair-1"])
    assert len(set(ends)) == 1  # the same scale on either side


def test_a_place_beyond_the_other_scan_has_no_picture(comparison, before, after) -> None:
    gone = replace(comparison.vanished[0], shown=False)
    page = comparison_html(replace(comparison, vanished=(gone,)), before, after).decode()
    section = dict(PARTS.findall(page))["vanished-3"]
    assert {date for date, _ in middle_greys(section)} == {"Before"}
    assert "its place lies outside the other scan" in section


def test_words_of_the_page(comparison, before, after) -> None:
    page = comparison_html(comparison, before, after).decode()
    assert page == comparison_html(comparison, before, after).decode()
    assert "<script" not in page
    assert "http:" not in page
    assert "https:" not in page
    for text in ("Research use only", "14.0 → 18.2", "+120", "106", "<b>120</b>days apart", "case-1", "case-2"):
        assert text in page
    ids = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) == {"pair-1", "pair-2", "new-3", "vanished-3"} <= ids
    assert '<th scope="col" data-fixed>Trend' in page
    assert '<th scope="col" class="n" data-fixed>Volume' in page


def test_everything_is_escaped(comparison, before, after) -> None:
    evil = replace(comparison.before, case_id="<b>x", bundle='"><script>')
    page = comparison_html(replace(comparison, before=evil), before, after).decode()
    assert "&lt;b&gt;x" in page
    assert "<script" not in page


def test_nothing_is_shown_where_nothing_is_matched(comparison, before, after) -> None:
    bare = {"pairs": (), "new": (), "vanished": (), "alignment": None}
    refused = replace(comparison, status="rejected", codes=("E_NOT_ALIGNED",), reason="Why & how.", **bare)
    page = comparison_html(refused, before, after).decode()
    assert "Not compared (120 days apart). Why &amp; how." in page
    assert "<svg" not in page
    assert "In both scans" not in page


@pytest.mark.parametrize(("days", "said"), [(None, "interval not known"), (1, "1 day apart"), (0, "0 days apart")])
def test_the_interval_in_words(comparison, days, said) -> None:
    assert comparison_text(replace(comparison, interval_days=days)).startswith(
        f"2 in both, 1 new, 1 vanished; {said}\n"
    )
