"""Slices at uneven distances onto a regular grid: a repair, made only where it is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...records import SeriesPlan
from ..pixels.volume_values import HuArray
from .fit_stack import DRIFT_TOLERANCE_MM, FloatArray, Stack

LARGEST_GAP_MM = 10.0  # twice the thickest slices of a chest CT; a line across more is no anatomy
MOST_FILLED = 1.0  # at most so many slices made for each real one
OFF_LINE_MM = 0.02  # as for regular stacks: the positions must lie on a straight line


@dataclass(frozen=True, eq=False)
class RegularGrid:
    """So many slices, the first at ``origin_lps``, from one to the next ``step_lps`` (mm)."""

    origin_lps: FloatArray
    step_lps: FloatArray
    count: int


def regular_grid(stack: Stack, positions_lps: FloatArray, normal: FloatArray) -> RegularGrid | None:
    """Give the grid of the smallest step from the first slice to the last; None where gaps cannot be filled honestly.

    That is where slices stand off the line, share a place, are more than 10 mm apart, or where most would be made up.
    """
    points = positions_lps[list(stack.order)]
    gaps = np.diff(stack.along_mm)
    span_mm = stack.along_mm[-1] - stack.along_mm[0]
    count = round(float(span_mm / gaps.min())) + 1 if gaps.min() > OFF_LINE_MM else 0
    if not len(points) <= count <= (1 + MOST_FILLED) * len(points) or gaps.max() > LARGEST_GAP_MM:
        return None
    line = (points[-1] - points[0]) / span_mm
    off_line = np.linalg.norm(points - points[0] - (stack.along_mm - stack.along_mm[0])[:, None] * line, axis=1)
    if off_line.max() > max(OFF_LINE_MM, DRIFT_TOLERANCE_MM):
        return None
    sideways = line - (line @ normal) * normal
    if np.linalg.norm(sideways) * span_mm <= DRIFT_TOLERANCE_MM:
        line = line - sideways
    return RegularGrid(points[0], line * span_mm / (count - 1), count)


def fill_gaps(hu: HuArray, plan: SeriesPlan) -> HuArray:
    """Interpolate the slices ``(k, j, i)`` of a plan linearly onto its grid; int16 values are rounded."""
    step, origin = plan.affine_lps[:3, 2], plan.affine_lps[:3, 3]
    positions = np.asarray([source.position_lps for source in plan.slices])
    at = (positions - origin) @ step / (step @ step)
    filled: HuArray = np.empty((plan.shape_ijk[2], *hu.shape[1:]), hu.dtype)
    for k in range(len(filled)):
        above = min(max(int(np.searchsorted(at, k)), 1), len(at) - 1)
        share = float(np.clip((k - at[above - 1]) / (at[above] - at[above - 1]), 0, 1))
        plane = (1 - share) * hu[above - 1] + share * hu[above].astype(np.float32)
        filled[k] = np.rint(plane) if hu.dtype == np.int16 else plane
    return filled
