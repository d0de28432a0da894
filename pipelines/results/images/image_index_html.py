"""``index.html`` of a run of an image bundle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from ..page.html_page import html_page
from ..page.numbers import numbers
from ..page.refused_section import refused_section
from ..page.run_notes import made_with, skipped_section
from ..page.scripts import SORT
from ..page.timing_table import timing_table
from ..page.warnings_section import warnings_section
from ..research_use import RESEARCH_USE
from ..run_info import RunInfo
from .image_record import ImageRecord
from .image_table import image_table

_DONE = ("ok", "warned")
_STYLE = """
#images td img { width: auto; max-width: 190px; max-height: 150px; object-fit: contain; aspect-ratio: auto; }
#images td { vertical-align: middle; }
"""
_NOTICE = (
    f'<p class="notice">{escape(RESEARCH_USE)} Classes and outlines of a network, not reviewed by anyone; '
    "every picture needs the eyes of a physician.</p>"
)
_BURNED_IN = (
    '<p class="notice">The pictures on this page are those of the source: what is written into their pixels, which in '
    "ultrasound is often the patient's name, is written here, too. <code>--outputs</code> without "
    "<code>overlay</code> leaves them out.</p>"
)


def image_index_html(cases: Sequence[ImageRecord], run: RunInfo) -> bytes:
    """Encode the page: pictures, classes and masks, what was remarked and refused and why, and the time it took.

    Tables can be sorted where scripts run and read where they do not. Every text from outside is escaped.
    """
    ordered = sorted(cases, key=lambda case: case.case_id)
    parts = [part for part in _parts(ordered, run) if part]
    # a page on a disk is its own origin to some browsers, so that 'self' does not hold the pictures beside it
    return html_page(f"Images: {run.bundle}", parts, script=SORT, style=_STYLE, pictures="'self' file:")


def _parts(cases: Sequence[ImageRecord], run: RunInfo) -> Iterator[str]:
    done = [case for case in cases if case.status in _DONE]
    yield f"<h1>Images: {escape(run.bundle)}</h1>"
    yield _NOTICE
    yield _BURNED_IN if any("overlay.png" in case.files for case in done) else ""
    yield _numbers(cases, done)
    yield f"<h2>Images</h2>{image_table(done)}{_notes(done, run)}"
    yield warnings_section(cases, things="Images")
    yield refused_section(cases)
    yield skipped_section(run, title="Files that are no images of a case")
    yield f"<h2>Time</h2>{timing_table(done, run, thing='case')}"
    yield made_with(run)


def _numbers(cases: Sequence[ImageRecord], done: Sequence[ImageRecord]) -> str:
    statuses = sorted(Counter(case.status for case in cases).items())
    classes = sorted(Counter(case.predicted for case in done).items())
    return numbers([("cases", len(cases)), *statuses, *classes])


def _notes(done: Sequence[ImageRecord], run: RunInfo) -> str:
    several = any(len(case.pictures) > 1 for case in done)
    key = " Of several pictures the most positive one is shown; the case is the mean of the most positive." * several
    more = ' The same with more columns: <a href="images.csv">images.csv</a>.' if "csv" in run.outputs else ""
    outlined = any(picture["mask_share"] is not None for case in done for picture in case.pictures)
    line, colours = "the outlined lesion", "where the evidence for the class lies (Grad-CAM), roughly"
    heat = (f" Line: {line}." if outlined else f" Colours: {colours}.") if "overlay" in run.outputs else ""
    return f'<p class="quiet">P: probability, not calibrated unless the model card says so.{heat}{key}{more}</p>'
