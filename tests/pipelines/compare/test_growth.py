from __future__ import annotations

import math
from dataclasses import replace

import pytest

from resmtnet.pipelines.compare.growth import growth, volume_doubling_time_days
from resmtnet.pipelines.compare.read_result import MeasuredNodule

SEEN = MeasuredNodule(1, 0.9, (0.0, 0.0, 0.0), 10.0, 8.0, 9.0, 9.2, 400.0, 0.3)


@pytest.mark.parametrize(
    ("before_mm3", "after_mm3", "days", "expected"),
    [
        (400, 800, 90, 90.0),  # once
        (400, 1600, 90, 45.0),  # twice
        (400, 400 * math.sqrt(2), 90, 180.0),  # half a time
        (400, 3200, 365, 365 / 3),
        # 500 to 700 mm3 in 100 days: 100 x 0.693147 / 0.336472
        (500, 700, 100, 206.004),
        # a ball from 8 to 10 mm in 180 days: 180 x ln 2 / (3 ln 1.25)
        (math.pi / 6 * 512, math.pi / 6 * 1000, 180, 186.377),
    ],
)
def test_doubling_time_by_hand(before_mm3, after_mm3, days, expected):
    assert volume_doubling_time_days(before_mm3, after_mm3, days) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("values", [(400, 400, 90), (400, 300, 90), (0, 300, 90), (400, 800, 0), (400, 800, None)])
def test_no_doubling_time_without_growth_or_interval(values):
    assert volume_doubling_time_days(*values) is None


@pytest.mark.parametrize(
    ("volume_mm3", "percent", "trend"),
    [(499, 24.75, "stable"), (500, 25, "grown"), (301, -24.75, "stable"), (300, -25, "shrunk"), (400, 0, "stable")],
)
def test_a_change_within_the_error_of_measuring_is_none(volume_mm3, percent, trend):
    found = growth(SEEN, replace(SEEN, volume_mm3=float(volume_mm3)), 90)
    assert found.volume_change_percent == pytest.approx(percent)
    assert found.trend == trend


def test_changes_are_after_minus_before():
    later = replace(
        SEEN, long_axis_mm=12.0, short_axis_mm=9.0, mean_diameter_mm=10.5, diameter_3d_mm=11.0, volume_mm3=696.0
    )
    found = growth(SEEN, later, 90)
    changes = (found.long_axis_change_mm, found.short_axis_change_mm, found.mean_diameter_change_mm)
    assert changes == pytest.approx((2.0, 1.0, 1.5))
    assert (found.diameter_3d_change_mm, found.volume_change_mm3) == pytest.approx((1.8, 296.0))
    assert growth(replace(SEEN, volume_mm3=0.0), SEEN, 90).volume_change_percent is None
