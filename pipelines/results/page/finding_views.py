"""A finding in axial, coronal and sagittal views, with a slider through the slices of the scan."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np

from ...records import Finding, Volume
from ..plane import FloatArray
from .native_slices import NativeSlice, native_slices
from .number_text import number_text
from .resampled import resampled
from .tile import tile
from .view import STANDARD_VIEWS, View, view_of_slices

LEAST_EDGE_MM = 50.0
_RIM_MM = 8.0  # beyond the mask on every side
_AXES = "xyz"
_PARALLEL = 1e-3  # views that meet at less than this (radians) show no line of the other


def finding_views(volume: Volume, finding: Finding, *, most_bytes: int) -> str:
    """Return HTML of the views; the slices take at most ``most_bytes``, but for the key slice.

    Slices made parallel to one of the three planes stand in its place; others get a view of their own.
    """
    edge_mm = view_edge_mm(volume, finding)
    sliced = view_of_slices(volume.affine_lps)
    stack = native_slices(volume, finding, sliced, edge_mm=edge_mm, most_bytes=most_bytes)
    views = STANDARD_VIEWS if sliced in STANDARD_VIEWS else (sliced, *STANDARD_VIEWS)
    tiles = [
        _stack_tile(volume, finding, view, edge_mm, stack)
        if view is sliced
        else _cut_tile(volume, finding, view, edge_mm, sliced, stack)
        for view in views
    ]
    return f'<div class="views">{"".join(tiles)}</div>'


def view_edge_mm(volume: Volume, finding: Finding) -> float:
    """Side of the views: the mask and a rim fit into all of them."""
    start = np.array(finding.mask.start_kji[::-1]) - 0.5
    size = np.array(finding.mask.voxels.shape[::-1])
    corners = start + np.array(list(np.ndindex(2, 2, 2))) * size
    places = corners @ volume.affine_lps[:3, :3].T + volume.affine_lps[:3, 3]
    reach = float(np.abs(places - np.array(finding.centre_lps_mm)).max())
    return max(LEAST_EDGE_MM, math.ceil((reach + _RIM_MM) * 2 / 10) * 10.0)


def _stack_tile(volume: Volume, finding: Finding, view: View, edge_mm: float, stack: Sequence[NativeSlice]) -> str:
    key = _key(finding, stack)
    with_axes = _nearest_to_axes(finding, view, stack)
    said = [_said_slice(volume, finding, view, one) for one in stack]
    content = "".join(
        f'<g class="slice{" on" if n == key else ""}" data-k="{one.k}" data-offset="{one.offset_mm:.4f}" '
        f'data-said="{escape(words)}">{one.svg}{_axes(finding, view, _centre(finding)) if one is with_axes else ""}</g>'
        for n, (one, words) in enumerate(zip(stack, said, strict=True))
    )
    number = finding.finding_id
    caption = (
        f'<input class="by-script" type="range" min="0" max="{len(stack) - 1}" value="{key}" step="1" '
        f'autocomplete="off" aria-label="Slice of finding {number}">{view.name.capitalize()}, '
        f"<output>{escape(said[key])}</output>"
    )
    return tile(
        view,
        edge_mm,
        content,
        caption=caption,
        said=f"Finding {number}, {view.name}, the slices of the scan",
        attributes=" data-stack",
    )


def _cut_tile(
    volume: Volume, finding: Finding, view: View, edge_mm: float, sliced: View, stack: Sequence[NativeSlice]
) -> str:
    centre = _centre(finding)
    axes = ""
    if view.name == "axial":  # through the axes, which are measured in an axial plane
        centre[2] = np.mean([end[2] for end in finding.long_axis_lps_mm])
        axes = _axes(finding, view, centre)
    content = resampled(volume, view, centre, edge_mm=edge_mm, finding=finding)
    away_mm = float(sliced.normal @ (centre - _centre(finding)))
    line = _cut(view, sliced, edge_mm, away_mm=away_mm, offset_mm=stack[_key(finding, stack)].offset_mm)
    words = f"{view.name.capitalize()}, {_position(view, centre)}"
    said = f"Finding {finding.finding_id}, {view.name}"
    return tile(view, edge_mm, content + axes + line, caption=escape(words), said=said)


def _key(finding: Finding, stack: Sequence[NativeSlice]) -> int:
    return min(range(len(stack)), key=lambda n: abs(stack[n].k - finding.key_slice_k))


def _nearest_to_axes(finding: Finding, view: View, stack: Sequence[NativeSlice]) -> NativeSlice | None:
    if view.name != "axial":
        return None
    middle = np.mean(finding.long_axis_lps_mm, axis=0)
    offset = float(view.normal @ (middle - _centre(finding)))
    return min(stack, key=lambda one: (round(abs(one.offset_mm - offset), 3), abs(one.k - finding.key_slice_k)))


def _axes(finding: Finding, view: View, centre: FloatArray) -> str:
    lines = {"long": finding.long_axis_lps_mm, "short": finding.short_axis_lps_mm}
    parts = []
    for name, ends in lines.items():
        (x1, y1), (x2, y2) = view.flat(np.array(ends), centre).tolist()
        parts.append(f'<path class="axis {name}" d="M{x1:.2f},{y1:.2f}L{x2:.2f},{y2:.2f}"/>')
    return "".join(parts)


def _cut(view: View, sliced: View, edge_mm: float, *, away_mm: float, offset_mm: float) -> str:
    """Line where the shown slice cuts this view; it moves by (x, y) per mm that the slice moves.

    ``away_mm``: how far behind the finding's centre the middle of this view lies, along the normal of the slices.
    """
    a, b = float(sliced.normal @ view.right), float(sliced.normal @ view.down)
    square = a * a + b * b
    if square < _PARALLEL**2:
        return ""
    x, y, reach = a / square, b / square, edge_mm / math.sqrt(square)
    ends = ((sign * -b * reach - x * away_mm, sign * a * reach - y * away_mm) for sign in (1, -1))
    line = "M" + "L".join(f"{along:.3f},{across:.3f}" for along, across in ends)
    moved = f"translate({x * offset_mm:.4f} {y * offset_mm:.4f})"
    return f'<path class="cut" data-x="{x:.6f}" data-y="{y:.6f}" transform="{moved}" d="{line}"/>'


def _said_slice(volume: Volume, finding: Finding, view: View, one: NativeSlice) -> str:
    place = _position(view, _centre(finding) + view.normal * one.offset_mm)
    return f"slice {one.k + 1} of {volume.hu.shape[0]}, {place}"


def _position(view: View, point: FloatArray) -> str:
    """Say where a view lies: the coordinate along the axis it is nearest to be square to."""
    axis = int(np.abs(view.normal).argmax())
    return f"{_AXES[axis]} {number_text(point[axis], 1)} mm"


def _centre(finding: Finding) -> FloatArray:
    return np.array(finding.centre_lps_mm, dtype=np.float64)
