"""Which number of a prediction file is which scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from .detection import Detection
from .scoring_error import ScoringError
from .true_scan import TrueScan

_NEAR_MM = 4.0
"""A candidate this near to an annotation speaks for the scan: about the radius of the median nodule of LUNA16."""
_NODULE_WEIGHT = 5.0
"""A nodule says more of a scan than one of the many excluded findings does."""


@dataclass(frozen=True)
class NumberedScans:
    """Detections with the names of their scans, and how sure that is.

    n_scans : numbers that occur.
    n_best : of these, those whose scan explains their candidates better than any other of the block does.
    """

    detections: tuple[Detection, ...]
    n_scans: int
    n_best: int


def match_scan_numbers(
    detections: Sequence[Detection], truth: Sequence[TrueScan], blocks: Sequence[Sequence[str]]
) -> NumberedScans:
    """Find for each number from 0 on the scan whose annotations lie where its candidates are.

    For prediction files whose list of scans is lost. The numbers run through the ``blocks`` (LUNA16: its subsets); in
    a block the assignment is the one of largest agreement (candidates within 4 mm of a nodule or excluded finding,
    weighed by their probability). The truth is used to find it: with a weak detector or few scans it flatters.

    Raises
    ------
    ScoringError
        A scan is no number, or there are fewer scans than numbers.
    """
    numbers = [_number(d.case) for d in detections]
    names = [name for block in blocks for name in block]
    if numbers and max(numbers) >= len(names):
        raise ScoringError(f"The predictions number a scan {max(numbers)}, but the scan list has {len(names)}.")
    agreement = _agreement(detections, numbers, truth, names)
    scan_of, n_best, used, start = {}, 0, set(numbers), 0
    for block in blocks:
        here = agreement[start : start + len(block), start : start + len(block)]
        for row, column in zip(*linear_sum_assignment(-here), strict=True):
            scan_of[start + int(row)] = names[start + int(column)]
            others = np.delete(here[row], column)
            n_best += start + int(row) in used and bool(here[row, column] > others.max(initial=0.0))
        start += len(block)
    named = tuple(replace(d, case=scan_of[n]) for d, n in zip(detections, numbers, strict=True))
    return NumberedScans(named, len(used), n_best)


def _number(case: str) -> int:
    if not (case.isascii() and case.isdigit()):
        raise ScoringError("The predictions name a scan that is no number: give them without numbers to match.")
    return int(case)


def _agreement(
    detections: Sequence[Detection], numbers: Sequence[int], truth: Sequence[TrueScan], names: Sequence[str]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """``(numbers, scans)``."""
    column = {name: n for n, name in enumerate(names)}
    places = [
        (column[scan.case], weight, place.centre_lps_mm)
        for scan in truth
        if scan.case in column
        for weight, of_kind in ((_NODULE_WEIGHT, scan.nodules), (1.0, scan.excluded))
        for place in of_kind
    ]
    found = np.zeros((len(names), len(names)))
    if not places or not detections:
        return found
    tree = cKDTree([centre for _, _, centre in places])
    near = tree.query_ball_point([d.centre_lps_mm for d in detections], _NEAR_MM)
    for detection, number, indices in zip(detections, numbers, near, strict=True):
        for index in indices:
            scan, weight, _ = places[index]
            found[number, scan] += weight * detection.probability
    return found
