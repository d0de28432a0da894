"""``preview.png``: every finding in three planes, or one look at a scan without any."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont

from ..records import CaseResult, Finding, Volume
from .corners_lps import corners_lps
from .panel import WINDOW_HU, Frame, panel
from .plane import AXIAL, CORONAL, SAGITTAL
from .research_use import RESEARCH_USE

CROP_MM = 70.0
PANEL_PX = 300
GAP_PX, TITLE_PX, ROW_TITLE_PX = 8, 34, 30
_FOOT_PX = 28
_MOST_ROWS = 6
_OVERVIEW_PX = 480
_PAPER, _INK, _QUIET = (16, 20, 26), (235, 240, 245), (150, 160, 172)


def preview_png(result: CaseResult, volume: Volume | None) -> bytes | None:
    """Encode the picture, or return None for a case that was not read.

    Whatever way the voxels lie, the patient's right is on the left of axial and coronal views, the front on the left
    of sagittal ones, and the head is up.
    """
    if volume is None:
        return None
    shown = sorted(result.findings, key=lambda f: f.finding_id)[:_MOST_ROWS]
    image = _findings(result, volume, shown) if shown else _overview(result, volume)
    stream = io.BytesIO()
    image.save(stream, format="PNG", optimize=False, compress_level=6)
    return stream.getvalue()


def _findings(result: CaseResult, volume: Volume, shown: list[Finding]) -> Image.Image:
    n, some = len(result.findings), "finding" if len(result.findings) == 1 else "findings"
    title = f"{n} {some}" + (f", the {len(shown)} most probable shown" if n > len(shown) else "")
    row_px = ROW_TITLE_PX + PANEL_PX + GAP_PX
    image, draw = _page(result, title, 3 * PANEL_PX + 4 * GAP_PX, len(shown) * row_px)
    frame = Frame(PANEL_PX, PANEL_PX, CROP_MM / PANEL_PX)
    for row, finding in enumerate(shown):
        top = TITLE_PX + row * row_px
        _row_title(draw, finding, top)
        for column, plane in enumerate((AXIAL, CORONAL, SAGITTAL)):
            left = GAP_PX + column * (PANEL_PX + GAP_PX)
            image.paste(panel(volume, plane, finding.centre_lps_mm, frame, finding), (left, top + ROW_TITLE_PX))
    return image


def _overview(result: CaseResult, volume: Volume) -> Image.Image:
    low, high = corners_lps(volume)
    frame = Frame(_OVERVIEW_PX, _OVERVIEW_PX, float((high - low).max()) / _OVERVIEW_PX)
    image, _ = _page(result, "no finding above threshold", 2 * _OVERVIEW_PX + 3 * GAP_PX, _OVERVIEW_PX + GAP_PX)
    for column, plane in enumerate((AXIAL, CORONAL)):
        left = GAP_PX + column * (_OVERVIEW_PX + GAP_PX)
        image.paste(panel(volume, plane, ((low + high) / 2).tolist(), frame), (left, TITLE_PX))
    return image


def _page(result: CaseResult, title: str, width: int, content_px: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    height = TITLE_PX + content_px + _FOOT_PX
    image = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((GAP_PX, TITLE_PX / 2), title, font=ImageFont.load_default(18), anchor="lm", fill=_INK)
    draw.text((width - GAP_PX, TITLE_PX / 2), result.case_id, font=ImageFont.load_default(13), anchor="rm", fill=_QUIET)
    window = f"Lung window [{WINDOW_HU[0]:.0f}, {WINDOW_HU[1]:.0f}] HU."
    foot = f"{window} R/L patient's right/left, A/P front/back, H/F head/foot. {RESEARCH_USE}"
    draw.text((GAP_PX, height - _FOOT_PX / 2), foot, font=ImageFont.load_default(12), anchor="lm", fill=_QUIET)
    return image, draw


def _row_title(draw: ImageDraw.ImageDraw, finding: Finding, top: int) -> None:
    middle = top + ROW_TITLE_PX / 2
    head = f"{finding.finding_id}    probability {finding.probability:.2f}"
    axes = f"{finding.long_axis_mm:.1f} x {finding.short_axis_mm:.1f} mm"
    side = "" if finding.lung_side == "unknown" else f"    {finding.lung_side} lung"
    rest = f"{axes}    {finding.volume_mm3:,.0f} mm3    mean {finding.mean_hu:.0f} HU{side}"
    draw.text((GAP_PX, middle), head, font=ImageFont.load_default(16), anchor="lm", fill=_INK)
    draw.text((GAP_PX + 200, middle), rest, font=ImageFont.load_default(14), anchor="lm", fill=_QUIET)
