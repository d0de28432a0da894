from __future__ import annotations

import base64
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from skimage.measure import points_in_poly

from resmtnet.pipelines.records import Volume
from resmtnet.pipelines.results.case_html import case_html

LIES = ["axial", "sagittal", "flipped", "oblique", "sheared"]
RIGHT_DOWN = {
    "axial": ((1, 0, 0), (0, 1, 0)),
    "coronal": ((1, 0, 0), (0, 0, -1)),
    "sagittal": ((0, 1, 0), (0, 0, -1)),
}
TILT_DEG = 17.0
HIGH_LOW = {"lung": (-1350, 150), "soft": (-160, 240)}


def views(result, volume) -> dict[str, ET.Element]:
    """The pictures of the first finding, by view."""
    section = case_html(result, volume).decode().split('<section class="finding"')[1]
    found = re.findall(r'data-view="([^"]+)"[^>]*>(<svg.*?</svg>)', section, re.DOTALL)
    return {name: ET.fromstring(text) for name, text in found}


def shown(svg: ET.Element) -> ET.Element:
    """What is drawn in it: the slice that is on, or all."""
    return next((g for g in svg.iter("g") if g.get("class") == "slice on"), svg)


def place_of(image: ET.Element) -> np.ndarray:
    a, b, c, d, e, f = map(float, re.findall(r"-?[\d.e+-]+", image.get("transform").removeprefix("matrix")))
    return np.array([[a, c, e], [b, d, f], [0, 0, 1]])


def pixels(image: ET.Element) -> np.ndarray:
    data = base64.b64decode(image.get("href").removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(data)))


def picture(part: ET.Element, window: str = "lung") -> ET.Element:
    return next(image for image in part.iter("image") if image.get("class") == window)


def grey_at(part: ET.Element, x_mm: float, y_mm: float) -> int:
    image = picture(part)
    column, row, _ = np.linalg.solve(place_of(image), [x_mm, y_mm, 1])
    return int(pixels(image)[int(np.floor(row)), int(np.floor(column))])


def polygons(part: ET.Element) -> list[np.ndarray]:
    path = next((one.get("d") for one in part.iter("path") if one.get("class") == "ring"), "")
    return [
        np.array([p.split(",") for p in ring.strip("MZ").split("L")], dtype=float) for ring in path.split("Z") if ring
    ]


def tilted(make_case):
    """The same case with its slices tilted about x, moved straight along z from one to the next."""
    result, volume = make_case()
    affine, angle = volume.affine_lps.copy(), np.deg2rad(TILT_DEG)
    affine[:3, 1] = 1.1 * np.array([0, np.cos(angle), -np.sin(angle)])
    finding = result.findings[0]
    centre = affine @ [*finding.centre_ijk, 1]
    moved = finding.__class__(**{**vars(finding), "centre_lps_mm": tuple(centre[:3].tolist())})
    changed = result.__class__(**{**vars(result), "findings": (moved,), "affine_lps": affine})
    return changed, Volume(volume.hu, affine, volume.plan)


@pytest.mark.parametrize("lie", LIES)
def test_right_front_and_head_are_where_a_radiologist_looks(make_case, lie: str) -> None:
    result, volume = make_case(lie, offsets_mm=((2.0, 1.0, -3.0),))
    centre, blob = np.array(result.findings[0].centre_lps_mm), np.array((-14.0, -9.0, 12.0))
    k, j, i = np.indices(volume.hu.shape)
    places = np.stack([i, j, k, np.ones_like(i)], axis=-1) @ volume.affine_lps[:3].T
    away = np.abs(places - centre - blob)
    bars = np.zeros(volume.hu.shape, dtype=bool)
    for axis in range(3):  # a bar through the blob along each look, so that every view cuts it
        bars |= (np.delete(away, axis, axis=-1) < 3).all(-1)
    hu = np.where(bars, 140, -1000).astype(np.int16)
    for name, svg in views(result, Volume(hu, volume.affine_lps, volume.plan)).items():
        right, down = np.array(RIGHT_DOWN[name])
        x, y = float(blob @ right), float(blob @ down)
        assert grey_at(shown(svg), x, y) > 200, name
        assert max(grey_at(shown(svg), a, b) for a, b in ((-x, y), (x, -y), (-x, -y))) < 100, name
        letters = [text.text for text in svg.findall("text")][:4]
        assert letters == list({"axial": "RLAP", "coronal": "RLHF", "sagittal": "APHF"}[name])


@pytest.mark.parametrize("window", ["lung", "soft"])
@pytest.mark.parametrize("lie", [*LIES, "tilted"])
def test_slices_are_the_voxels_of_the_scan_at_their_place(make_case, lie: str, window: str) -> None:
    result, volume = tilted(make_case) if lie == "tilted" else make_case(lie)
    volume.hu[:] = np.random.default_rng(0).integers(-1400, 300, volume.hu.shape)
    angle = np.deg2rad(TILT_DEG)
    frames = {**RIGHT_DOWN, "as acquired": ((1, 0, 0), (0, np.cos(angle), -np.sin(angle)))}
    svgs = views(result, volume)
    name, svg = next((name, svg) for name, svg in svgs.items() if any(g.get("data-k") for g in svg.iter("g")))
    assert name == {"tilted": "as acquired", "sagittal": "sagittal"}.get(lie, "axial")
    right, down = np.array(frames[name], dtype=float)
    low, high = HIGH_LOW[window]
    for one in (g for g in svg.iter("g") if g.get("data-k")):
        image = picture(one, window)
        grey = pixels(image)
        row, column = np.indices(grey.shape)
        mm = np.stack([column + 0.5, row + 0.5, np.ones_like(row)], axis=-1) @ place_of(image)[:2].T
        normal = np.cross(right, down)
        offset = float(one.get("data-offset"))
        lps = np.array(result.findings[0].centre_lps_mm) + mm @ np.stack([right, down]) + offset * normal
        ijk = np.linalg.solve(volume.affine_lps, np.concatenate([lps, np.ones((*row.shape, 1))], -1)[..., None])
        ijk = ijk[..., :3, 0]
        index = np.rint(ijk).astype(int)
        assert np.abs(ijk - index).max() < 0.01
        assert np.all(index[..., 2] == int(one.get("data-k")))
        hu = volume.hu[index[..., 2], index[..., 1], index[..., 0]].astype(float)
        assert np.array_equal(grey, np.rint(np.clip((hu - low) / (high - low), 0, 1) * 255))


@pytest.mark.parametrize("lie", [*LIES, "tilted"])
def test_outline_parts_the_voxels_of_the_mask_from_all_others(make_case, lie: str) -> None:
    result, volume = tilted(make_case) if lie == "tilted" else make_case(lie)
    finding = result.findings[0]
    # the mask drawn as HU: the pictures, whose places are proved above, then show what must be inside
    hu = np.full_like(volume.hu, -1350)
    block = tuple(slice(a, a + n) for a, n in zip(finding.mask.start_kji, finding.mask.voxels.shape, strict=True))
    hu[block][finding.mask.voxels] = 150
    svgs = views(result, Volume(hu, volume.affine_lps, volume.plan))
    n_inside = 0
    for one in (g for svg in svgs.values() for g in svg.iter("g") if g.get("data-k")):
        white = pixels(picture(one)) == 255
        row, column = np.indices(white.shape)
        mm = (np.stack([column + 0.5, row + 0.5, np.ones_like(row)], axis=-1) @ place_of(picture(one))[:2].T).reshape(
            -1, 2
        )
        inside = np.zeros(len(mm), dtype=bool)
        for ring in polygons(one):
            inside ^= points_in_poly(mm, ring)
        assert np.array_equal(inside.reshape(white.shape), white), one.get("data-k")
        n_inside += int(inside.sum())
    assert n_inside == finding.mask.voxels.sum() > 100


@pytest.mark.parametrize("lie", LIES)
def test_outline_of_the_resampled_views(make_case, lie: str) -> None:
    for name, svg in views(*make_case(lie)).items():
        points = np.concatenate(polygons(shown(svg)))
        radius = np.hypot(*points.T)
        assert np.median(radius) == pytest.approx(6.0, abs=0.8), name
        assert radius.max() < 7.6


def test_scale_bar_and_window(make_case) -> None:
    for svg in views(*make_case()).values():
        left, top, width, height = map(float, svg.get("viewBox").split())
        assert (left, top, width, height) == (-25, -25, 50, 50)
        bar = next(path for path in svg.iter("path") if path.get("class") == "bar")
        start, end = (float(x) for x in re.search(r"M([-\d.]+),[-\d.]+H([-\d.]+)", bar.get("d")).groups())
        assert (end - start) * 500 / width == pytest.approx(100)  # 10 mm in a view of 50 mm drawn 500 px wide
        texts = [text.text for text in svg.iter("text")]
        assert "10 mm" in texts
        assert {"Lung \u22121350 to 150", "Soft-tissue \u2212160 to 240"} <= set(texts)


def test_voxels_have_their_true_proportions(make_case) -> None:
    svg = views(*make_case())["axial"]
    matrix = place_of(picture(shown(svg)))
    assert np.allclose(matrix[:2, :2], np.diag([0.9, 1.1]))


@pytest.mark.parametrize("lie", [*LIES, "tilted"])
def test_line_of_the_shown_slice_in_the_other_views(make_case, lie: str) -> None:
    result, volume = tilted(make_case) if lie == "tilted" else make_case(lie)
    centre = np.array(result.findings[0].centre_lps_mm)
    svgs = views(result, volume)
    stack = next(svg for svg in svgs.values() if any(g.get("data-k") for g in svg.iter("g")))
    n_lines = 0
    for name, svg in svgs.items():
        for line in (path for path in svg.iter("path") if path.get("class") == "cut"):
            right, down = np.array(RIGHT_DOWN[name], dtype=float)
            middle = centre
            if name == "axial":  # it goes through the axes of the finding
                middle = np.array([*centre[:2], np.mean([p[2] for p in result.findings[0].long_axis_lps_mm])])
            ends = np.array(re.findall(r"([-\d.]+),([-\d.]+)", line.get("d")), dtype=float)
            for one in (g for g in stack.iter("g") if g.get("data-k")):
                step = float(one.get("data-offset")) * np.array([float(line.get("data-x")), float(line.get("data-y"))])
                lps = middle + (ends + step) @ np.stack([right, down])
                k = np.linalg.solve(volume.affine_lps, np.column_stack([lps, np.ones(2)]).T)[2]
                assert k == pytest.approx([int(one.get("data-k"))] * 2, abs=0.01), (name, lie)
                n_lines += 1
    assert n_lines >= 2


def test_axes_are_drawn_from_end_to_end(make_case) -> None:
    svg = views(*make_case())["axial"]
    paths = {path.get("class"): path.get("d") for path in shown(svg).iter("path")}
    assert paths["axis long"] == "M-6.00,0.00L6.00,0.00"
    assert paths["axis short"] == "M0.00,-6.00L0.00,6.00"
