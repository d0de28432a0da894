"""A drawing as SVG, by itself or inside a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from .corners import corners
from .drawing import Area, Dot, Drawing, Line, Mark, Point
from .palette import DARK, LIGHT


def svg(drawing: Drawing) -> str:
    """Encode a drawing; it follows the reader's light or dark setting and is light in print."""
    marks = "\n".join(map(_mark, drawing.marks))
    size = f"{drawing.width:g} {drawing.height:g}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 {size}" role="img"'
        f' aria-label="{escape(drawing.title)}" font-family="system-ui, sans-serif">\n<style>{_style()}</style>\n'
        f'<rect class="f-paper" width="{drawing.width:g}" height="{drawing.height:g}"/>\n{marks}\n</svg>\n'
    )


def _style() -> str:
    dark = f"@media screen and (prefers-color-scheme: dark) {{ {_rules(DARK)} }}"
    return f"{_rules(LIGHT)} {dark}"


def _rules(palette: Mapping[str, str]) -> str:
    return " ".join(f".plot .s-{n}{{stroke:{c}}} .plot .f-{n}{{fill:{c}}}" for n, c in palette.items())


def _mark(mark: Mark) -> str:
    if isinstance(mark, Line):
        dash = f' stroke-dasharray="{" ".join(f"{d:g}" for d in mark.dash)}"' if mark.dash else ""
        return (
            f'<polyline points="{_points(mark.points)}" fill="none" class="s-{mark.ink}" stroke-width="{mark.width:g}"'
            f' stroke-linejoin="round"{dash}/>'
        )
    if isinstance(mark, Area):
        return f'<polygon points="{_points(mark.points)}" class="f-{mark.ink}" fill-opacity="{mark.opacity:g}"/>'
    if isinstance(mark, Dot):
        return _dot(mark)
    (x, y), bold = mark.at, ' font-weight="600"' if mark.bold else ""
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if mark.turned else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="f-{mark.ink}" font-size="{mark.size:g}" text-anchor="{mark.anchor}"'
        f"{bold}{turn}>{escape(mark.text)}</text>"
    )


def _dot(dot: Dot) -> str:
    look = f'class="f-{dot.ink}"' + (f' fill-opacity="{dot.opacity:g}"' if dot.opacity < 1 else "")
    if dot.shape == "circle":
        return f'<circle cx="{dot.at[0]:.1f}" cy="{dot.at[1]:.1f}" r="{dot.radius:g}" {look}/>'
    return f'<polygon points="{_points(corners(dot))}" {look}/>'


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
