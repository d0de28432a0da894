"""The slices of the scan itself around a finding."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from skimage.measure import find_contours

from ...records import Finding, Volume
from ..plane import FloatArray
from .picture import outline, picture
from .view import View

MARGIN_MM = 6.0
"""Slices shown beyond both ends of a finding, at least two."""
MOST_SLICES = 48
_MOST_PX = 200  # a side of a picture; finer ones are thinned by a whole factor


@dataclass(frozen=True)
class NativeSlice:
    """Slice ``k``, ``offset_mm`` behind the middle of the view; ``svg`` lies in the view in mm."""

    k: int
    offset_mm: float
    svg: str


def native_slices(
    volume: Volume, finding: Finding, view: View, *, edge_mm: float, most_bytes: int
) -> tuple[NativeSlice, ...]:
    """Return the voxels of the scan, not resampled, for each slice near the finding; ``view`` is that of the slices.

    From the key slice outwards until the finding and a margin are shown, or there is no more room; the key slice is
    always among them. The outline is that of the mask's voxels in the slice.
    """
    shown: list[NativeSlice] = []
    room = most_bytes
    for k in _outwards(volume, finding, view):
        drawn = _draw(volume, finding, view, edge_mm, k)
        room -= len(drawn.svg)
        if shown and room < 0:
            break
        shown.append(drawn)
    return tuple(sorted(shown, key=lambda one: one.k))


def _outwards(volume: Volume, finding: Finding, view: View) -> Iterator[int]:
    """Key slice, next above, next below, ... : always a run of slices without a gap."""
    step_mm = abs(float(view.normal @ volume.affine_lps[:3, 2]))
    margin = max(2, math.ceil(MARGIN_MM / step_mm))
    start, stop = finding.mask.start_kji[0], finding.mask.start_kji[0] + finding.mask.voxels.shape[0]
    last = volume.hu.shape[0] - 1
    key = min(max(finding.key_slice_k, 0), last)
    low, high = max(min(start, key) - margin, 0), min(max(stop - 1, key) + margin, last)
    order = sorted(range(low, high + 1), key=lambda k: (abs(k - key), -k))
    yield from order[:MOST_SLICES]


def _draw(volume: Volume, finding: Finding, view: View, edge_mm: float, k: int) -> NativeSlice:
    centre = np.array(finding.centre_lps_mm)
    affine = volume.affine_lps
    at_origin = affine[:3, 2] * k + affine[:3, 3]
    turn = np.stack([view.right, view.down]) @ affine[:3, :2]  # (i, j) to mm in the view
    shift = view.flat(at_origin, centre)
    low, high = _crop(turn, shift, edge_mm, volume.hu.shape)
    thin = max(1, math.ceil(int((high - low).max()) / _MOST_PX))
    hu = volume.hu[k, low[1] : high[1] : thin, low[0] : high[0] : thin]
    # the edge 0 of the picture lies half a (thinned) pixel before the centre of its first voxel
    place = np.column_stack([turn * thin, turn @ (low - thin / 2) + shift])
    svg = picture(hu, place) if hu.size else ""
    lines = [line @ turn.T + shift for line in _outlines_ij(finding, k)]
    offset = float(view.normal @ (at_origin - centre))
    return NativeSlice(k, offset, svg + outline(lines, f"f{finding.finding_id}-k{k}"))


def _crop(
    turn: FloatArray, shift: FloatArray, edge_mm: float, shape_kji: tuple[int, ...]
) -> tuple[FloatArray, FloatArray]:
    """First and last-but-one (i, j) of the voxels that reach into the view."""
    corners = np.array([(x, y) for x in (-1, 1) for y in (-1, 1)]) * edge_mm / 2
    ij = np.linalg.solve(turn, (corners - shift).T).T
    most = np.array(shape_kji[:0:-1])
    low = np.clip(np.floor(ij.min(axis=0)), 0, most).astype(int)
    high = np.clip(np.ceil(ij.max(axis=0)) + 1, low, most).astype(int)
    return low, high


def _outlines_ij(finding: Finding, k: int) -> list[FloatArray]:
    row = k - finding.mask.start_kji[0]
    if not 0 <= row < len(finding.mask.voxels):
        return []
    plane = np.pad(finding.mask.voxels[row].astype(np.float32), 1)
    start = np.array(finding.mask.start_kji[:0:-1]) - 1
    return [line[:, ::-1] + start for line in find_contours(plane, 0.5)]
