"""One view with all that makes it readable: letters, scale bar, window, caption."""

from __future__ import annotations

from html import escape

from .picture import WINDOWS
from .view import View

BAR_MM = 10.0
_LARGE_MM = 150.0  # views wider than this get a bar of 50 mm
_LARGE_BAR_MM = 50.0


def tile(
    view: View, edge_mm: float, content: str, *, caption: str, said: str, attributes: str = "", windowed: bool = True
) -> str:
    """Return a figure of ``edge_mm`` x ``edge_mm``.

    Parameters
    ----------
    content : SVG, in mm to the right of and below the middle.
    caption : HTML under the picture.
    said : what is to be seen, for those who cannot see.
    attributes : more attributes of the figure.
    windowed : the grey values are HU in one of the windows, which is named.
    """
    half = edge_mm / 2
    named = _windows(edge_mm) if windowed else ""
    return (
        f'<figure class="tile" data-view="{escape(view.name)}"{attributes}><svg viewBox="{-half:g} {-half:g} '
        f'{edge_mm:g} {edge_mm:g}" role="img" aria-label="{escape(said)}">'
        f"{content}{_letters(view, edge_mm)}{_bar(edge_mm)}{named}</svg>"
        f"<figcaption>{caption}</figcaption></figure>"
    )


def window_text() -> str:
    """Return HTML of the names of the windows; the style shows the one that is on."""
    return "".join(
        f'<span class="{window.name}">{escape(window.label)} {_range(window.low_hu, window.high_hu)} HU</span>'
        for window in WINDOWS
    )


def bar_mm(edge_mm: float) -> float:
    """Length of the scale bar of a view."""
    return BAR_MM if edge_mm <= _LARGE_MM else _LARGE_BAR_MM


def _letters(view: View, edge_mm: float) -> str:
    half, rim = edge_mm / 2, edge_mm * 0.04
    places = ((-half + rim, 0.0), (half - rim, 0.0), (0.0, -half + rim), (0.0, half - rim))
    return "".join(
        _text(x, y, letter, edge_mm * 0.046, "middle", "central")
        for letter, (x, y) in zip(view.letters, places, strict=True)
    )


def _bar(edge_mm: float) -> str:
    length, half = bar_mm(edge_mm), edge_mm / 2
    x, y, tick = -half + edge_mm * 0.04, half - edge_mm * 0.045, edge_mm * 0.012
    line = f"M{x:g},{y - tick:g}V{y + tick:g}M{x:g},{y:g}H{x + length:g}M{x + length:g},{y - tick:g}V{y + tick:g}"
    words = _text(x + length / 2, y - edge_mm * 0.022, f"{length:.0f} mm", edge_mm * 0.036, "middle", "auto")
    return f'<path class="under-bar" d="{line}"/><path class="bar" data-mm="{length:g}" d="{line}"/>{words}'


def _windows(edge_mm: float) -> str:
    half = edge_mm / 2
    return "".join(
        f'<g class="{window.name}">'
        + _text(
            half - edge_mm * 0.025,
            half - edge_mm * 0.03,
            f"{window.label.split()[0]} {_range(window.low_hu, window.high_hu)}",
            edge_mm * 0.03,
            "end",
            "auto",
        )
        + "</g>"
        for window in WINDOWS
    )


def _range(low: float, high: float) -> str:
    return f"{low:.0f} to {high:.0f}".replace("-", "\u2212")


def _text(x: float, y: float, words: str, size: float, anchor: str, line: str) -> str:
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size:.2f}" text-anchor="{anchor}" dominant-baseline="{line}">'
        f"{escape(words)}</text>"
    )
