"""Series on two axes, as a drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from math import isfinite

from .axis import Axis
from .draw_series import draw_series, look_of
from .drawing import Drawing, Line, Mark, Words
from .series import Series

Range = tuple[float, float]
WIDTH, HEIGHT = 460.0, 380.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 14.0, 36.0, 52.0
_LEGEND_LINE = 18.0
_CHARACTER = 6.3
"""Mean width of a character of 12 px, px."""


def draw_plot(
    series: Sequence[Series],
    *,
    title: str,
    x_label: str,
    y_label: str,
    x_log: bool = False,
    x_range: Range | None = None,
    y_range: Range | None = None,
) -> Drawing:
    """Draw series over each other, in their order, with a legend of those that have a name.

    Parameters
    ----------
    x_log : logarithmic x axis; what lies below its foot stands at its foot.
    x_range, y_range : ends of the axes; by the data, with a margin, if None. What lies beyond stands at the edge, and
        lines end there.
    """
    legend, rows = _legend(series)
    top = _TOP + rows * _LEGEND_LINE
    x_axis = Axis(*(x_range or _span([s.x for s in series], log=x_log)), _LEFT, WIDTH - _RIGHT, x_log)
    heights = [v for s in series for v in (s.y, s.low, s.high) if v is not None]
    y_axis = Axis(*(y_range or _span(heights, log=False)), HEIGHT - _BOTTOM, top)
    marks = [
        Words(at=(_LEFT, 20.0), text=title, size=14, bold=True),
        *legend,
        *_frame(x_axis, y_axis, x_label, y_label),
        *chain.from_iterable(draw_series(s, look_of(series, n), x_axis, y_axis) for n, s in enumerate(series)),
    ]
    return Drawing(WIDTH, HEIGHT, title, marks)


def _span(values: Sequence[Sequence[float]], *, log: bool) -> Range:
    """Return the ends of all values and a margin; 0 to 1 where there are none."""
    every = [float(v) for v in chain.from_iterable(values) if isfinite(v) and (not log or v > 0)]
    if not every:
        return (0.1, 1.0) if log else (0.0, 1.0)
    low, high = min(every), max(every)
    if log:
        return low / 1.1, high * 1.1
    margin = 0.05 * (high - low) or 0.5
    return low - margin, high + margin


def _frame(x_axis: Axis, y_axis: Axis, x_label: str, y_label: str) -> Iterator[Mark]:
    left, right, bottom, top = x_axis.start, x_axis.end, y_axis.start, y_axis.end
    for value in x_axis.ticks():
        x = x_axis.place(value)
        yield Line(points=[(x, bottom), (x, top)], ink="grid", width=1)
        yield Words(at=(x, bottom + 17), text=_number(value, x_axis), ink="quiet", anchor="middle")
    for value in y_axis.ticks():
        y = y_axis.place(value)
        yield Line(points=[(left, y), (right, y)], ink="grid", width=1)
        yield Words(at=(left - 7, y + 4), text=_number(value, y_axis), ink="quiet", anchor="end")
    yield Line(points=[(left, top), (left, bottom), (right, bottom)], ink="quiet", width=1)
    yield Words(at=((left + right) / 2, HEIGHT - 14), text=x_label, anchor="middle")
    yield Words(at=(18.0, (top + bottom) / 2), text=y_label, anchor="middle", turned=True)


def _legend(series: Sequence[Series]) -> tuple[list[Mark], int]:
    """Return the legend's marks and its number of rows."""
    marks: list[Mark] = []
    x, row = _LEFT, 0
    for n, one in enumerate(series):
        if not one.name:
            continue
        width = 34 + _CHARACTER * len(one.name)
        if x > _LEFT and x + width > WIDTH - _RIGHT:
            x, row = _LEFT, row + 1
        y = _TOP + row * _LEGEND_LINE
        marks += look_of(series, n).sample(x, y, one.kind)
        marks.append(Words(at=(x + 28, y + 4), text=one.name))
        x += width + 8
    return marks, row + 1 if marks else 0


def _number(value: float, axis: Axis) -> str:
    """Write a tick; what is below one on a logarithmic axis as a fraction."""
    if axis.log and value < 1 and (1 / value).is_integer():
        return f"1/{1 / value:g}"
    return f"{value + 0.0:.6g}".replace("-", "\u2212")
