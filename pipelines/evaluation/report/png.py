"""A drawing as PNG, for those who cannot show SVG."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import cycle, pairwise
from math import hypot

from PIL import Image, ImageColor, ImageDraw, ImageFont

from .corners import corners
from .drawing import Area, Dot, Drawing, Line, Mark, Point, Words
from .palette import LIGHT

_FINE = 2
"""Drawn so much larger and scaled down, which smooths edges."""
_COLOURS = 64
"""Enough for four series and their mixtures; a third of the size."""
_IN_FONT = str.maketrans({"\u2212": "-", "\u2013": "-", "\u202f": " ", "\u00d7": "x", "\u00b3": "3"})
"""The font that Pillow brings has ASCII only, and draws a box for all else."""
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


def png(drawing: Drawing, *, scale: float = 2.0) -> bytes:
    """Encode a drawing on white, ``scale`` pixels per px."""
    fine = scale * _FINE
    size = round(drawing.width * fine), round(drawing.height * fine)
    image = Image.new("RGB", size, LIGHT["paper"])
    for mark in drawing.marks:
        _paint(image, mark, fine)
    small = image.resize((size[0] // _FINE, size[1] // _FINE), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    small.quantize(_COLOURS).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _paint(image: Image.Image, mark: Mark, fine: float) -> None:
    if isinstance(mark, Words):
        return _write(image, mark, fine)
    draw = ImageDraw.Draw(image, "RGBA")
    if isinstance(mark, Line):
        for piece in _pieces(mark):
            draw.line(_scaled(piece, fine), fill=LIGHT[mark.ink], width=max(1, round(mark.width * fine)), joint="curve")
        return None
    colour = (*ImageColor.getrgb(LIGHT[mark.ink])[:3], round(255 * mark.opacity))
    if isinstance(mark, Area):
        draw.polygon(_scaled(mark.points, fine), fill=colour)
    elif mark.shape == "circle":
        draw.ellipse(_scaled(_box(mark), fine), fill=colour)
    else:
        draw.polygon(_scaled(corners(mark), fine), fill=colour)
    return None


def _write(image: Image.Image, words: Words, fine: float) -> None:
    text = words.text.translate(_IN_FONT)
    font, (x, y) = ImageFont.load_default(words.size * fine), (words.at[0] * fine, words.at[1] * fine)
    anchor, stroke = _ANCHORS[words.anchor], 0.3 * fine if words.bold else 0
    if not words.turned:
        ImageDraw.Draw(image).text((x, y), text, font=font, anchor=anchor, fill=LIGHT[words.ink], stroke_width=stroke)
        return
    # written level on a square about its anchor, and then turned about that
    half = round(font.getlength(text) + 2 * words.size * fine)
    square = Image.new("L", (2 * half, 2 * half))
    ImageDraw.Draw(square).text((half, half), text, font=font, anchor=anchor, fill=255)
    image.paste(LIGHT[words.ink], (round(x - half), round(y - half)), square.rotate(90))


def _pieces(line: Line) -> Iterator[Sequence[Point]]:
    """Cut a dashed line into what is drawn; dashes go on around corners."""
    if not line.dash:
        yield line.points
        return
    lengths = cycle((length, n % 2 == 0) for n, length in enumerate(list(line.dash) * (1 + len(line.dash) % 2)))
    left, drawn = next(lengths)
    for (ax, ay), (bx, by) in pairwise(line.points):
        length, done = hypot(bx - ax, by - ay), 0.0
        while done < length:
            step = min(left, length - done)
            if drawn:
                yield [(ax + (bx - ax) * t / length, ay + (by - ay) * t / length) for t in (done, done + step)]
            done, left = done + step, left - step
            if left <= 0:
                left, drawn = next(lengths)


def _box(dot: Dot) -> list[Point]:
    (x, y), r = dot.at, dot.radius
    return [(x - r, y - r), (x + r, y + r)]


def _scaled(points: Sequence[Point], fine: float) -> list[Point]:
    return [(x * fine, y * fine) for x, y in points]
