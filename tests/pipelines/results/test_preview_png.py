from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from resmtnet.pipelines.records import Volume
from resmtnet.pipelines.results.preview_png import CROP_MM, GAP_PX, PANEL_PX, ROW_TITLE_PX, TITLE_PX, preview_png

MM_PER_PX = CROP_MM / PANEL_PX
BLOB_MM = (-14.0, -9.0, 12.0)  # to the right, to the front, to the head of the finding
EXPECTED = {"axial": (-14.0, -9.0), "coronal": (-14.0, -12.0), "sagittal": (-9.0, -12.0)}  # picture x, y in mm


def panels(png: bytes) -> dict[str, np.ndarray]:
    image = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    top = TITLE_PX + ROW_TITLE_PX
    lefts = [GAP_PX + n * (PANEL_PX + GAP_PX) for n in range(3)]
    crops = [image[top : top + PANEL_PX, left : left + PANEL_PX] for left in lefts]
    return dict(zip(EXPECTED, crops, strict=True))


@pytest.mark.parametrize("lie", ["axial", "sagittal", "flipped", "oblique", "sheared"])
def test_right_front_and_head_are_where_a_radiologist_looks(make_case, lie: str) -> None:
    result, volume = make_case(lie, offsets_mm=((2.0, 1.0, -3.0),))
    centre = np.array(result.findings[0].centre_lps_mm)
    k, j, i = np.indices(volume.hu.shape)
    places = np.stack([i, j, k, np.ones_like(i)], axis=-1) @ volume.affine_lps[:3].T
    # one bar through the blob along each view direction, so that every plane through the centre cuts it
    away = np.abs(places - centre - BLOB_MM)
    bars = np.zeros(volume.hu.shape, dtype=bool)
    for axis in range(3):
        bars |= (np.delete(away, axis, axis=-1) < 3).all(-1)
    hu = np.where(bars, 140, -1000).astype(np.int16)
    shown = panels(preview_png(result, Volume(hu, volume.affine_lps, volume.plan)))
    for name, (x_mm, y_mm) in EXPECTED.items():
        grey = shown[name].min(axis=-1)
        x, y = (round(PANEL_PX / 2 + mm / MM_PER_PX) for mm in (x_mm, y_mm))
        mirrored = [(PANEL_PX - x, y), (x, PANEL_PX - y), (PANEL_PX - x, PANEL_PX - y)]
        assert grey[y - 3 : y + 4, x - 3 : x + 4].min() > 200, (lie, name)
        assert all(grey[b - 3 : b + 4, a - 3 : a + 4].max() < 100 for a, b in mirrored), (lie, name)


@pytest.mark.parametrize("lie", ["axial", "flipped"])
def test_outline_runs_round_the_finding(make_case, lie: str) -> None:
    result, volume = make_case(lie)
    for name, image in panels(preview_png(result, volume)).items():
        red, _, blue = np.moveaxis(image, -1, 0)
        y, x = np.nonzero(red - blue > 120)
        radius = np.hypot(y - (PANEL_PX - 1) / 2, x - (PANEL_PX - 1) / 2) * MM_PER_PX
        assert len(radius) > 100, name
        assert np.median(radius) == pytest.approx(6.0, abs=0.7)
        assert radius.max() < 8.5


def test_one_row_for_each_finding_up_to_six(make_case) -> None:
    offsets = [(x, y, 0) for x in (-20, -5, 10) for y in (-15, 0, 15)]
    heights = []
    for n in (1, 2, 9):
        result, volume = make_case(offsets_mm=offsets[:n])
        heights.append(Image.open(io.BytesIO(preview_png(result, volume))).height)
    row = heights[1] - heights[0]
    assert heights[2] == heights[0] + 5 * row


def test_scan_without_finding_gets_an_overview(make_case) -> None:
    result, volume = make_case(offsets_mm=())
    volume.hu[:, :, 40:] = 30  # the patient's left half in an axial scan
    image = np.asarray(Image.open(io.BytesIO(preview_png(result, volume))).convert("L"))
    axial = image[TITLE_PX : TITLE_PX + 480, GAP_PX : GAP_PX + 480]
    assert axial[240, 300:420].mean() > axial[240, 60:180].mean() + 80


def test_case_that_was_not_read_has_no_picture(rejected) -> None:
    assert preview_png(rejected, None) is None


def test_same_case_same_bytes(make_case) -> None:
    assert preview_png(*make_case()) == preview_png(*make_case())
