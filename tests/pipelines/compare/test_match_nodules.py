from __future__ import annotations

import numpy as np

from resmtnet.pipelines.compare.match_nodules import match_nodules
from resmtnet.pipelines.compare.read_result import MeasuredNodule


def at(number: int, x: float, y: float = 0.0, diameter_mm: float = 8.0) -> MeasuredNodule:
    return MeasuredNodule(number, 0.9, (x, y, 0.0), *[diameter_mm] * 4, np.pi / 6 * diameter_mm**3, 0.3)


def ids(before, after, reach_mm=10.0, motion=None):
    found = match_nodules(before, after, np.eye(4) if motion is None else motion, reach_mm=reach_mm)
    pairs = [(pair.before.finding_id, pair.after.finding_id) for pair in found.pairs]
    return pairs, [n.finding_id for n in found.vanished], [n.finding_id for n in found.new]


def test_all_are_paired_with_the_least_sum_of_distances():
    # the nearest of 1 is 11 (4 mm); then 2 would have none within reach
    assert ids([at(1, 0), at(2, 12)], [at(11, 4), at(12, -5)]) == ([(1, 12), (2, 11)], [], [])


def test_the_motion_takes_the_first_scan_to_the_second():
    motion = np.array([[0.0, -1, 0, 5], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    assert ids([at(1, 100)], [at(11, 5, 100), at(12, 100)], motion=motion) == ([(1, 11)], [], [12])


def test_beyond_reach_one_vanished_and_one_is_new():
    assert ids([at(1, 0)], [at(11, 10.01)]) == ([], [1], [11])
    assert ids([at(1, 0)], [at(11, 9.99)]) == ([(1, 11)], [], [])
    assert ids([at(1, 0)], [at(11, 13.9, diameter_mm=16.0)]) == ([(1, 11)], [], [])  # grew to one side by 8 mm


def test_what_may_be_another_one_is_said():
    found = match_nodules([at(1, 0), at(2, 50)], [at(11, 1), at(12, 8), at(13, 51)], np.eye(4), reach_mm=10)
    assert [(p.before.finding_id, p.after.finding_id, p.ambiguous) for p in found.pairs] == [
        (1, 11, True),
        (2, 13, False),
    ]
    assert found.pairs[0].distance_mm == 1


def test_nothing_on_one_side():
    assert ids([], [at(11, 0)]) == ([], [], [11])
    assert ids([at(1, 0)], []) == ([], [1], [])
    assert ids([], []) == ([], [], [])
