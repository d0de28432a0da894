"""Nodules of two dates beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np

from ..records import Point, Volume
from ..results.page.number_text import number_text
from ..results.page.resampled import flat_picture, points_of
from ..results.page.tile import tile
from ..results.page.view import STANDARD_VIEWS, View
from .comparison import Comparison, FollowedPair, SinglePlace
from .read_result import MeasuredNodule

_LEAST_EDGE_MM = 60.0
_RIM_MM = 20.0  # of the views, beyond the larger of the two nodules on every side
_RING_MM = 4.0  # of the ring, so that it hides no edge
_PX = 120
_VIEWS = STANDARD_VIEWS[:2]  # axial and coronal


class _Side(NamedTuple):
    date: str
    volume: Volume
    place_lps_mm: Point


def comparison_views(comparison: Comparison, before: Volume, after: Volume) -> str:
    """Return HTML: each nodule in both scans, or its place where it was not found; the same scale on either side."""
    parts = [_pair(pair, before, after) for pair in comparison.pairs]
    parts += [_single("new", one, ("After", after), ("Before", before)) for one in comparison.new]
    parts += [_single("vanished", one, ("Before", before), ("After", after)) for one in comparison.vanished]
    return "".join(parts)


def _pair(followed: FollowedPair, before: Volume, after: Volume) -> str:
    first, second = followed.pair.before, followed.pair.after
    sizes = " \u2192 ".join(number_text(nodule.mean_diameter_mm, 1) for nodule in (first, second))
    title = f"Finding {first.finding_id} \u2192 {second.finding_id}: {sizes} mm, {followed.growth.trend}"
    sides = (_Side("Before", before, first.centre_lps_mm), _Side("After", after, second.centre_lps_mm))
    return _section(f"pair-{first.finding_id}", title, sides, max(_size(first), _size(second)))


def _single(kind: str, single: SinglePlace, own: tuple[str, Volume], other: tuple[str, Volume]) -> str:
    nodule = single.nodule
    title = f"{kind.capitalize()}: finding {nodule.finding_id}, {number_text(nodule.mean_diameter_mm, 1)} mm"
    sides = [_Side(*own, nodule.centre_lps_mm)]
    if single.shown:
        sides.append(_Side(*other, single.place_lps_mm))
    else:
        title += "; its place lies outside the other scan"
    ordered = sorted(sides, key=lambda side: side.date, reverse=True)  # Before, After
    return _section(f"{kind}-{nodule.finding_id}", title, ordered, _size(nodule))


def _section(name: str, title: str, sides: Sequence[_Side], size_mm: float) -> str:
    tiles = "".join(_tile(side, view, size_mm) for view in _VIEWS for side in sides)
    views = f'<div class="views beside">{tiles}</div>'
    return f'<section class="finding" id="{name}"><h3>{escape(title)}</h3>{views}</section>'


def _tile(side: _Side, view: View, size_mm: float) -> str:
    edge_mm = max(_LEAST_EDGE_MM, float(np.ceil(size_mm + 2 * _RIM_MM)))
    centre = np.array(side.place_lps_mm, dtype=np.float64)
    picture = flat_picture(side.volume, points_of(view, centre, _PX, edge_mm / _PX), edge_mm / _PX)
    ring = f'<circle class="place" r="{size_mm / 2 + _RING_MM:.1f}"/>'
    axis = int(np.abs(view.normal).argmax())
    caption = f"{side.date}, {view.name}, {'xyz'[axis]} {number_text(centre[axis], 1)} mm"
    return tile(view, edge_mm, picture + ring, caption=escape(caption), said=f"{side.date}, {view.name}")


def _size(nodule: MeasuredNodule) -> float:
    return max(nodule.long_axis_mm, nodule.diameter_3d_mm)
