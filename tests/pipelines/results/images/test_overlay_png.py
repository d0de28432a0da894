from __future__ import annotations

import io

import numpy as np
from PIL import Image

from resmtnet.pipelines.images.image_result import ImageResult, PictureResult, PictureView
from resmtnet.pipelines.results.images.mask_png import mask_png, masks_png
from resmtnet.pipelines.results.images.overlay_png import overlay_png

GREY = np.linspace(0, 1, 40 * 60, dtype=np.float32).reshape(40, 60)


def decoded(data: bytes | None) -> np.ndarray:
    assert data is not None
    return np.asarray(Image.open(io.BytesIO(data)))


def a_case(n: int) -> ImageResult:
    pictures = tuple(PictureResult(number, 40, 60, {"a": 0.5, "b": 0.5}) for number in range(n))
    return ImageResult("c", "ok", (), classes={"a": 0.5, "b": 0.5}, pictures=pictures, key=n - 1)


def test_the_outline_runs_round_the_mask_and_nowhere_else():
    mask = np.zeros((40, 60), bool)
    mask[10:20, 30:50] = True
    shown = decoded(overlay_png(a_case(1), [PictureView(GREY, mask)])).astype(int)
    coloured = np.ptp(shown, axis=2) > 0
    rows, columns = np.nonzero(coloured)
    assert (rows.min(), rows.max()) == (9, 20) or (rows.min(), rows.max()) == (9, 19)
    assert abs(columns.min() - 29.5) <= 1
    assert abs(columns.max() - 49.5) <= 1
    inside = coloured[13:17, 33:46]
    assert not inside.any()  # what is outlined can still be seen
    plain = np.rint(GREY * 255).astype(int)
    np.testing.assert_array_equal(shown[25:, :, 0], plain[25:])


def test_heat_colours_where_it_is_hot_only():
    heat = np.zeros((40, 60), np.float32)
    heat[:10, :10] = 1
    shown = decoded(overlay_png(a_case(1), [PictureView(GREY, heat=heat)])).astype(int)
    np.testing.assert_array_equal(shown[20:, 20:], np.rint(GREY * 255).astype(int)[20:, 20:, None].repeat(3, axis=2))
    assert shown[:10, :10, 0].min() > 100  # bright on a dark corner


def test_masks_are_binary_one_file_per_frame():
    mask = np.eye(4, dtype=bool)
    views = [PictureView(np.zeros((4, 4), np.float32), mask), PictureView(np.zeros((4, 4), np.float32), ~mask)]
    np.testing.assert_array_equal(decoded(mask_png(a_case(1), views[:1])), np.where(mask, 255, 0))
    assert mask_png(a_case(2), views) is None
    several = masks_png(a_case(2), views)
    assert several is not None
    assert list(several) == ["0000.png", "0001.png"]
    np.testing.assert_array_equal(decoded(several["0001.png"]), np.where(mask, 0, 255))
    assert masks_png(a_case(1), views[:1]) is None


def test_the_most_positive_picture_is_shown():
    views = [PictureView(np.zeros((4, 4), np.float32)), PictureView(np.ones((4, 4), np.float32))]
    assert decoded(overlay_png(a_case(2), views)).min() == 255
    assert overlay_png(a_case(1), None) is None
