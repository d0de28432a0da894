"""Two results and their scans to what changed."""

from __future__ import annotations

import hashlib

import numpy as np

from ...transforms.grid import Grid
from ..inference.usage_error import UsageError
from ..records import FloatArray, Index, Point, Volume
from .align_lungs import align_lungs
from .comparison import Comparison, FollowedPair, SinglePlace
from .growth import growth
from .judge_alignment import Alignment, judge_alignment
from .lung_image import lung_image
from .match_nodules import match_nodules
from .moved import in_scan, moved
from .read_result import MeasuredNodule, Result

REACH_MM = {"good": 10.0, "poor": 15.0}
"""How far a nodule may lie from its place: breathing moves the bases of lungs that are aligned as rigid bodies."""

_WHY = (
    "The lungs of the two scans cannot be laid on each other as rigid bodies (another patient, another position or "
    "depth of breath, too little in common). Nothing is matched: compare them by eye."
)
_NOBODY = hashlib.sha256(b"|").hexdigest()  # of headers with neither name nor id


def compare_results(
    before: tuple[Result, Volume],
    after: tuple[Result, Volume],
    *,
    interval_days: int | None,
    same_patient: bool = False,
) -> Comparison:
    """Align the lungs, match the nodules and measure their growth.

    The comparison is ``rejected`` where lungs are not found or the alignment is useless, ``warned`` where it is poor,
    the interval is not known, or the two results are of different models.

    Raises
    ------
    UsageError
        The second scan is the older one, both are one scan, or the headers name two patients (``same_patient`` says
        that they are one).
    """
    _check(before[1], after[1], interval_days, same_patient)
    alignment = _align(before[1], after[1])
    return compare_aligned(before, after, alignment, interval_days=interval_days)


def compare_aligned(
    before: tuple[Result, Volume],
    after: tuple[Result, Volume],
    alignment: Alignment | None,
    *,
    interval_days: int | None,
) -> Comparison:
    """Do what :func:`compare_results` does with scans that are aligned; None where lungs were not found."""
    (result_before, scan_before), (result_after, scan_after) = before, after
    codes = _codes(result_before, result_after, interval_days, alignment)
    said = (interval_days, result_before, result_after, _shape(scan_before), _shape(scan_after), alignment)
    if "E_NOT_ALIGNED" in codes:
        reason = "No lungs were found in one of the scans." if alignment is None else _WHY
        return Comparison("rejected", codes, reason, *said)
    assert alignment is not None
    reach_mm = REACH_MM[alignment.judgement]
    matches = match_nodules(result_before.nodules, result_after.nodules, alignment.motion, reach_mm=reach_mm)
    back = np.asarray(np.linalg.inv(alignment.motion), dtype=np.float64)
    return Comparison(
        "warned" if codes else "ok",
        codes,
        "",
        *said,
        pairs=tuple(FollowedPair(pair, growth(pair.before, pair.after, interval_days)) for pair in matches.pairs),
        vanished=tuple(_place(nodule, alignment.motion, scan_after) for nodule in matches.vanished),
        new=tuple(_place(nodule, back, scan_before) for nodule in matches.new),
    )


def _check(before: Volume, after: Volume, interval_days: int | None, same_patient: bool) -> None:
    if before.digest and before.digest == after.digest:
        raise UsageError("Both are the same scan. Give those of two dates.")
    if interval_days is not None and interval_days < 0:
        raise UsageError("The second scan is older than the first: give them the other way round.")
    patients = {volume.plan.facts.patient for volume in (before, after) if volume.plan.facts} - {_NOBODY, ""}
    if len(patients) > 1 and not same_patient:
        raise UsageError("The headers name two patients. If they are one and the same, say --same-patient.")


def _align(before: Volume, after: Volume) -> Alignment | None:
    images = lung_image(before), lung_image(after)
    if images[0] is None or images[1] is None:
        return None
    return judge_alignment(images[0], images[1], align_lungs(images[0], images[1]))


def _codes(before: Result, after: Result, days: int | None, alignment: Alignment | None) -> tuple[str, ...]:
    judgement = "useless" if alignment is None else alignment.judgement
    said = {
        "E_NOT_ALIGNED": judgement == "useless",
        "W_POOR_ALIGNMENT": judgement == "poor",
        "W_OTHER_MODEL": before.model != after.model,
        "W_NO_INTERVAL": days is None,
    }
    return tuple(code for code, holds in said.items() if holds)


def _place(nodule: MeasuredNodule, motion: FloatArray, other: Volume) -> SinglePlace:
    k, j, i = other.hu.shape
    grid = Grid((k, j, i), other.affine_lps)
    place = moved([nodule.centre_lps_mm], motion)
    return SinglePlace(nodule, _point(place[0]), _point(grid.to_ijk(place)[0]), bool(in_scan(place, grid)[0]))


def _point(values: FloatArray) -> Point:
    x, y, z = (float(value) for value in values)
    return x, y, z


def _shape(volume: Volume) -> Index:
    k, j, i = volume.hu.shape
    return i, j, k
