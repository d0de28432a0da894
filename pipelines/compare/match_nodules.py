"""Which nodule of the second scan is which of the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from ..records import FloatArray
from .moved import moved
from .read_result import MeasuredNodule

_NEVER_MM = 1e6  # costs more than any sum of true distances


@dataclass(frozen=True)
class Pair:
    """One nodule in both scans; ``distance_mm`` is left between its centres after alignment.

    ``ambiguous``: another nodule of either scan lies within reach, too.
    """

    before: MeasuredNodule
    after: MeasuredNodule
    distance_mm: float
    ambiguous: bool


@dataclass(frozen=True)
class Matches:
    """Pairs in the order of ``before``, and what has no partner."""

    pairs: tuple[Pair, ...]
    vanished: tuple[MeasuredNodule, ...]
    new: tuple[MeasuredNodule, ...]


def match_nodules(
    before: Sequence[MeasuredNodule], after: Sequence[MeasuredNodule], motion: FloatArray, *, reach_mm: float
) -> Matches:
    """Pair nodules one to one: as many as lie within ``reach_mm``, with the least sum of distances.

    To the reach is added half of the difference of the two 3D diameters: a nodule that grows to one side moves its
    centre by as much.
    """
    if not before or not after:
        return Matches((), tuple(before), tuple(after))
    distances = cdist(moved([n.centre_lps_mm for n in before], motion), [n.centre_lps_mm for n in after])
    sizes = [np.array([n.diameter_3d_mm for n in nodules]) for nodules in (before, after)]
    near = distances <= reach_mm + np.abs(sizes[0][:, None] - sizes[1][None]) / 2
    rows, columns = linear_sum_assignment(np.where(near, distances, _NEVER_MM))
    chosen = [(int(a), int(b)) for a, b in zip(rows, columns, strict=True) if near[a, b]]
    pairs = tuple(
        Pair(before[a], after[b], float(distances[a, b]), bool(near[a].sum() > 1 or near[:, b].sum() > 1))
        for a, b in chosen
    )
    paired = {a for a, _ in chosen}, {b for _, b in chosen}
    return Matches(
        pairs,
        tuple(n for a, n in enumerate(before) if a not in paired[0]),
        tuple(n for b, n in enumerate(after) if b not in paired[1]),
    )
