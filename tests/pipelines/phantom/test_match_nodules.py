from __future__ import annotations

import pytest

from resmtnet.pipelines.phantom.match_nodules import Found, match_nodules
from resmtnet.pipelines.phantom.nodule import PhantomNodule

NODULES = (PhantomNodule((0.0, 0.0, 0.0), 10.0), PhantomNodule((0.0, 0.0, 14.0), 8.0))


def found(z: float, diameter_mm: float = 10.0) -> Found:
    return Found(1, 0.9, (0.0, 0.0, z), diameter_mm)


def test_nearest_finding_stands_for_the_nodule() -> None:
    first, second = match_nodules(NODULES, [found(3), found(1, 11.0), found(13, 8.0)])
    assert (first.distance_mm, first.diameter_error) == (pytest.approx(1), pytest.approx(0.1))
    assert (second.distance_mm, second.diameter_error) == (pytest.approx(1), pytest.approx(0))


def test_one_finding_between_two_nodules_counts_once() -> None:
    first, second = match_nodules(NODULES, [found(6)])
    assert first.distance_mm == 6
    assert second.found is None
    assert second.distance_mm == float("inf")


def test_finding_too_far_away_is_another_thing() -> None:
    assert all(match.found is None for match in match_nodules(NODULES, [found(-10.1)]))


def test_equal_nodules_are_told_apart() -> None:
    same = PhantomNodule((0.0, 0.0, 0.0), 10.0)
    matches = match_nodules((same, PhantomNodule((0.0, 0.0, 0.0), 10.0)), [found(1)])
    assert [match.found is None for match in matches] == [False, True]
