"""One picture of a plane: grey values, outline, letters and a scale bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont
from skimage.measure import find_contours

from ..records import Finding, Volume
from .mask_in_plane import mask_in_plane
from .plane import FloatArray, Plane, plane_points, sample
from .window import LUNG, grey

WINDOW_HU = (LUNG.low_hu, LUNG.high_hu)
_AIR_HU = LUNG.low_hu
_BAR_MM = 10.0
_OUTLINE = (255, 205, 40)
_INK, _SHADE = (235, 240, 245), (0, 0, 0)
_FINE = 3  # the outline is drawn this much larger and scaled down, which smooths it


@dataclass(frozen=True)
class Frame:
    """The pixels of a panel: size and scale."""

    width_px: int
    height_px: int
    mm_per_px: float


def panel(
    volume: Volume, plane: Plane, centre_lps: Sequence[float], frame: Frame, finding: Finding | None = None
) -> Image.Image:
    """Draw ``plane`` through ``centre_lps`` in the lung window, with the outline of ``finding``."""
    points = plane_points(plane, centre_lps, frame.mm_per_px, frame.width_px, frame.height_px)
    image = Image.fromarray(grey(sample(volume.hu, volume.affine_lps, points, outside=_AIR_HU), LUNG)).convert("RGB")
    if finding is not None:
        image.paste(_OUTLINE, mask=_outline(finding, volume.affine_lps, points))
    _annotate(ImageDraw.Draw(image), plane, frame)
    return image


def _outline(finding: Finding, affine_lps: FloatArray, points: FloatArray) -> Image.Image:
    """Return the edge of the mask in this plane as a picture of coverage."""
    inside = mask_in_plane(finding, affine_lps, points)
    height, width = inside.shape
    large = Image.new("L", (width * _FINE, height * _FINE))
    draw = ImageDraw.Draw(large)
    for contour in find_contours(inside, 0.5):
        corners = (contour[:, ::-1] + 0.5) * _FINE
        draw.line([(float(x), float(y)) for x, y in corners], fill=255, width=_FINE + 1)
    return large.resize((width, height), Image.Resampling.BOX)


def _annotate(draw: ImageDraw.ImageDraw, plane: Plane, frame: Frame) -> None:
    width, height = frame.width_px, frame.height_px
    places = ((9, height / 2), (width - 9, height / 2), (width / 2, 11), (width / 2, height - 11))
    for letter, place in zip(plane.letters, places, strict=True):
        _text(draw, place, letter, 13, "mm")
    _text(draw, (7, 5), plane.name, 13, "la")
    length, y = _BAR_MM / frame.mm_per_px, height - 9
    draw.line([(10, y), (10 + length, y)], fill=_SHADE, width=4)
    draw.line([(10, y), (10 + length, y)], fill=_INK, width=2)
    _text(draw, (10 + max(length, 8) / 2, y - 5), f"{_BAR_MM:.0f} mm", 11, "mb" if length > 30 else "lb")


def _text(draw: ImageDraw.ImageDraw, place: tuple[float, float], text: str, size: int, anchor: str) -> None:
    font = ImageFont.load_default(size)
    draw.text(place, text, font=font, anchor=anchor, fill=_INK, stroke_width=1, stroke_fill=_SHADE)
