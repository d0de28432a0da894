from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from resmtnet.pipelines.phantom.anatomy import anatomy
from resmtnet.pipelines.phantom.random_nodules import random_nodules


@pytest.mark.parametrize("seed", [0, 7])
def test_nodules_lie_in_the_lungs_and_apart(seed: int) -> None:
    nodules = random_nodules(seed, 10)
    organs = anatomy(seed)
    for nodule in nodules:
        depth = -float(organs.lattice.at(organs.lungs, nodule.centre_lps_mm)[0])
        assert depth >= 0.35 * nodule.diameter_mm
        assert organs.side_of(nodule.centre_lps_mm) == nodule.lung_side
    for a, b in combinations(nodules, 2):
        gap = np.linalg.norm(np.subtract(a.centre_lps_mm, b.centre_lps_mm)) - (a.diameter_mm + b.diameter_mm) / 2
        assert gap > 10


def test_same_seed_same_nodules() -> None:
    assert random_nodules(4, 6) == random_nodules(4, 6)
    assert random_nodules(4, 6) != random_nodules(5, 6)


def test_some_nodules_are_at_the_pleura() -> None:
    organs = anatomy(1)
    nodules = random_nodules(1, 8, diameters_mm=[8.0] * 8)
    depths = [-float(organs.lattice.at(organs.cage, n.centre_lps_mm)[0]) for n in nodules]
    assert min(depths) < 8


def test_diameters_given_are_kept() -> None:
    assert [n.diameter_mm for n in random_nodules(2, 3, diameters_mm=(5, 9, 12))] == [5, 9, 12]


def test_number_of_diameters_must_match() -> None:
    with pytest.raises(ValueError, match="2 diameters for 3 nodules"):
        random_nodules(0, 3, diameters_mm=(5, 9))


def test_a_chest_has_room_for_so_many_only() -> None:
    with pytest.raises(ValueError, match="no room"):
        random_nodules(0, 60, diameters_mm=[60.0] * 60)
