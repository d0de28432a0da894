"""The detections that are scored."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .detection import Detection
from .true_scan import TrueScan


@dataclass(frozen=True)
class Chosen:
    """Detections by scan, and how many were left out and why (``unknown_scan``, ``duplicate``, ``over_limit``)."""

    by_case: Mapping[str, Sequence[Detection]]
    left_out: Mapping[str, int]


def choose_detections(
    detections: Sequence[Detection], truth: Sequence[TrueScan], *, most_per_scan: int | None = 100
) -> Chosen:
    """Leave out scans that the truth does not know, repeated rows, and what a scan has too many of.

    Of rows that say the same box of the same scan the most probable stays. Where a scan has more than ``most_per_scan``
    detections, those stay that are more probable than the next one (as in LUNA16's evaluation: rows as probable as the
    first that is left out go, too).
    """
    known = {scan.case for scan in truth}
    left_out: Counter[str] = Counter(unknown_scan=0, duplicate=0, over_limit=0)
    by_case: dict[str, dict[object, Detection]] = defaultdict(dict)
    for detection in detections:
        if detection.case not in known:
            left_out["unknown_scan"] += 1
            continue
        place, of_case = (detection.centre_lps_mm, detection.size_mm), by_case[detection.case]
        earlier = of_case.get(place)
        left_out["duplicate"] += earlier is not None
        if earlier is None or detection.probability > earlier.probability:
            of_case[place] = detection
    kept = {case: _best(list(found.values()), most_per_scan) for case, found in by_case.items()}
    left_out["over_limit"] = sum(len(by_case[case]) - len(found) for case, found in kept.items())
    return Chosen(kept, left_out)


def _best(found: list[Detection], most: int | None) -> list[Detection]:
    if most is None or len(found) <= most:
        return found
    floor = sorted((d.probability for d in found), reverse=True)[most]
    return [d for d in found if d.probability > floor]
