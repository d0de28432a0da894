"""``overlay.png``: the most positive picture of a case with what was made of it."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from skimage.measure import find_contours

from ...images.image_result import ImageResult, PictureView

_EDGE, _SHADE = (255, 205, 40), (0, 0, 0)  # as on the pages of scans
_LINE_SHARE = 200.0  # a line of 1/200 of the shorter side is seen in a thumbnail, too
_HEAT = np.array([(0, 0, 0), (86, 20, 110), (214, 72, 60), (252, 190, 60), (252, 255, 200)], dtype=np.float64)
"""Dark to bright, evenly lighter, and readable without colour."""
_MOST_OPAQUE = 0.55


def overlay_png(result: ImageResult, views: Sequence[PictureView] | None) -> bytes | None:
    """Encode the picture, at its own size, with the outline of its mask or its heat; None for a case without one."""
    if not views:
        return None
    view = views[result.key]
    grey = np.repeat(np.rint(view.grey * 255).astype(np.uint8)[..., None], 3, axis=2)
    if view.heat is not None:
        grey = _heated(grey, view.heat)
    image = Image.fromarray(grey)
    if view.mask is not None:
        _outline(image, view.mask)
    stream = io.BytesIO()
    image.save(stream, format="PNG", compress_level=6)
    return stream.getvalue()


def _heated(grey: npt.NDArray[np.uint8], heat: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    stops = np.linspace(0, 1, len(_HEAT))
    colours = np.stack([np.interp(heat, stops, _HEAT[:, n]) for n in range(3)], axis=2)
    share = _MOST_OPAQUE * heat[..., None]
    mixed: npt.NDArray[np.uint8] = np.rint(grey * (1 - share) + colours * share).astype(np.uint8)
    return mixed


def _outline(image: Image.Image, mask: npt.NDArray[np.bool_]) -> None:
    """Draw along the outer edges of the mask's pixels, dark below and bright above."""
    width = max(1, round(min(image.size) / _LINE_SHARE))
    draw = ImageDraw.Draw(image)
    lines = [
        [(float(column) - 1, float(row) - 1) for row, column in line]
        for line in find_contours(np.pad(mask, 1).astype(np.float32), 0.5)
    ]
    for colour, wide in ((_SHADE, width + 2), (_EDGE, width)):
        for line in lines:
            draw.line(line, fill=colour, width=wide, joint="curve")
