"""How a nodule changed between two scans."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from .read_result import MeasuredNodule

Trend = Literal["grown", "stable", "shrunk"]

MEASURABLE_PERCENT = 25.0
"""Smaller changes of volume lie within the error of measuring (Callister et al., BTS guidelines, Thorax 70 (2015)
suppl 2, ii1-ii54)."""


@dataclass(frozen=True)
class Growth:
    """Changes are after minus before; ``volume_change_percent`` is None where nothing was measured before.

    ``volume_doubling_time_days`` is None where the volume did not grow or the interval is not known; below the
    measurable change (``trend`` stable) it is little more than noise.
    """

    long_axis_change_mm: float
    short_axis_change_mm: float
    mean_diameter_change_mm: float
    diameter_3d_change_mm: float
    volume_change_mm3: float
    volume_change_percent: float | None
    volume_doubling_time_days: float | None
    trend: Trend


def growth(before: MeasuredNodule, after: MeasuredNodule, interval_days: int | None) -> Growth:
    """Compare two measurements of one nodule."""
    percent = 100 * (after.volume_mm3 / before.volume_mm3 - 1) if before.volume_mm3 > 0 else None
    return Growth(
        after.long_axis_mm - before.long_axis_mm,
        after.short_axis_mm - before.short_axis_mm,
        after.mean_diameter_mm - before.mean_diameter_mm,
        after.diameter_3d_mm - before.diameter_3d_mm,
        after.volume_mm3 - before.volume_mm3,
        percent,
        volume_doubling_time_days(before.volume_mm3, after.volume_mm3, interval_days),
        _trend(percent),
    )


def volume_doubling_time_days(before_mm3: float, after_mm3: float, interval_days: int | None) -> float | None:
    """Return interval x ln 2 / ln (after / before), or None without an interval or growth.

    Source: Schwartz, Cancer 14 (1961) 1272-1294 (exponential growth).
    """
    if not interval_days or not 0 < before_mm3 < after_mm3:
        return None
    return interval_days * math.log(2) / math.log(after_mm3 / before_mm3)


def _trend(percent: float | None) -> Trend:
    if percent is None or abs(percent) < MEASURABLE_PERCENT:
        return "stable"
    return "grown" if percent > 0 else "shrunk"
