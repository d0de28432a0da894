"""The marks of one series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from .axis import Axis
from .drawing import Area, Dot, Line, Mark, Shape
from .palette import SERIES
from .series import Kind, Series

_SHAPES: tuple[Shape, ...] = ("circle", "square", "triangle", "diamond")
_DASHES: tuple[Sequence[float], ...] = ((), (7, 3), (2, 3), (9, 3, 2, 3))
_REFERENCE_DASH = (4, 4)
_MANY = 100
"""Points from which markers become small and let others shine through."""


@dataclass(frozen=True)
class Look:
    """Colour, shape and dash of a series; reference lines are grey."""

    ink: str
    shape: Shape
    dash: Sequence[float]

    def sample(self, x: float, y: float, kind: Kind) -> Iterator[Mark]:
        """Yield a piece for the legend, 22 px wide from ``x``, about the height ``y``."""
        if kind != "points":
            yield Line(points=[(x, y), (x + 22, y)], ink=self.ink, dash=self.dash, width=_width(kind))
        if kind in ("points", "both"):
            yield Dot(at=(x + 11, y), ink=self.ink, shape=self.shape)


def look_of(series: Sequence[Series], index: int) -> Look:
    """Return the look of series ``index``: the first free one, references not counted."""
    if series[index].kind == "reference":
        return Look("quiet", "circle", _REFERENCE_DASH)
    n = sum(s.kind != "reference" for s in series[:index]) % len(SERIES)
    return Look(SERIES[n], _SHAPES[n], _DASHES[n])


def draw_series(series: Series, look: Look, x_axis: Axis, y_axis: Axis) -> Iterator[Mark]:
    """Yield the marks of a series: intervals below, then line, then markers."""
    if series.kind in ("line", "reference"):
        series = _cut(series, x_axis)
    places = [(x_axis.place(x), y_axis.place(y)) for x, y in zip(series.x, series.y, strict=True)]
    yield from _intervals(series, look, x_axis, y_axis)
    if series.kind != "points" and len(places) > 1:
        yield Line(points=places, ink=look.ink, dash=look.dash, width=_width(series.kind))
    if series.kind in ("points", "both"):
        many = len(places) >= _MANY
        for at in places:
            yield Dot(at=at, ink=look.ink, shape=look.shape, radius=2.6 if many else 4.0, opacity=0.45 if many else 1.0)


def _cut(series: Series, x_axis: Axis) -> Series:
    """End a rising line where it leaves the axis; between two points it is straight in ``x``."""
    x = np.asarray(series.x, float)
    if len(x) == 0 or np.any(np.diff(x) < 0):
        return series
    inside = (x >= x_axis.low) & (x <= x_axis.high)
    first, last = ([e] if x[0] < e < x[-1] and e not in x else [] for e in (x_axis.low, x_axis.high))

    def cut(values: Sequence[float]) -> list[float]:
        begin, end = (np.interp(e, x, values).tolist() for e in (first, last))
        return [*begin, *np.asarray(values, float)[inside].tolist(), *end]

    low, high = (None if v is None else cut(v) for v in (series.low, series.high))
    return replace(series, x=cut(series.x), y=cut(series.y), low=low, high=high)


def _intervals(series: Series, look: Look, x_axis: Axis, y_axis: Axis) -> Iterator[Mark]:
    if series.low is None or series.high is None:
        return
    xs = [x_axis.place(x) for x in series.x]
    ends = [(y_axis.place(a), y_axis.place(b)) for a, b in zip(series.low, series.high, strict=True)]
    if series.kind == "line":
        around = [(x, low) for x, (low, _) in zip(xs, ends, strict=True)]
        around += [(x, high) for x, (_, high) in zip(xs[::-1], ends[::-1], strict=True)]
        if np.isfinite(around).all() and any(a != b for a, b in pairwise(around)):
            yield Area(points=around, ink=look.ink)
        return
    for x, (low, high) in zip(xs, ends, strict=True):
        if not np.isfinite([low, high]).all():
            continue
        yield Line(points=[(x, low), (x, high)], ink=look.ink, width=1.2)


def _width(kind: Kind) -> float:
    return 1.2 if kind == "reference" else 2.0
