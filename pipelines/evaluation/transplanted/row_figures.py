"""Figures of one kind of backgrounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...results.plain_json import Plain
from ..detection.froc import RATES, Froc
from ..detection.operating_point import choose_operating_point
from ..detection.score_detections import DIAMETERS_MM, Curve, finite
from ..detection.true_scan import Place
from .judged_copy import JudgedCopy

OPERATING_RATES = (1.0, 2.0, 4.0)
"""Candidates per scan that are not nodules, for which a probability is chosen."""

_Targets = Sequence[tuple[Place, float | None]]


def row_figures(copies: Sequence[JudgedCopy], curve: Curve) -> Mapping[str, Plain]:
    """Count and score the copies of one row."""
    froc, intervals = curve.froc, curve.intervals
    names = [f"{rate:g}" for rate in RATES]
    ends: list[Plain] = [list(pair) for pair in intervals.sensitivity]
    return {
        "n_copies": len(copies),
        "n_backgrounds": len({copy.truth.background for copy in copies}),
        "n_planted": sum(len(copy.planted) for copy in copies),
        "n_different_nodules": len({key for copy in copies for key in copy.truth.keys}),
        "n_own_lesions": sum(len(copy.lesions) for copy in copies),
        "cpm": froc.cpm,
        "cpm_ci95": list(intervals.cpm),
        "sensitivity": dict(zip(names, froc.sensitivity_at(), strict=True)),
        "sensitivity_ci95": dict(zip(names, ends, strict=True)),
        "sensitivity_of_all_candidates": float(froc.sensitivity[-1]),
        "non_nodules_per_scan_of_all_candidates": float(froc.false_positives_per_scan[-1]),
        "operating_points": operating_points(copies, froc, OPERATING_RATES),
    }


def operating_points(copies: Sequence[JudgedCopy], froc: Froc, rates: Sequence[float]) -> list[Plain]:
    """Say the probability for each rate, and what is found with it, by kind and size of the target."""
    return [_point(copies, froc, rate) for rate in rates]


def _point(copies: Sequence[JudgedCopy], froc: Froc, rate: float) -> Mapping[str, Plain]:
    point = choose_operating_point(froc, rate)
    planted = [target for copy in copies for target in copy.planted]
    lesions = [target for copy in copies for target in copy.lesions]
    by_diameter: list[Plain] = [
        {
            "from_mm": low,
            "below_mm": finite(high),
            **_found([(p, hit) for p, hit in planted if low <= p.diameter_mm < high], point.threshold),
        }
        for low, high in DIAMETERS_MM
    ]
    return {
        "at_most_non_nodules_per_scan": rate,
        "probability": finite(point.threshold),
        "non_nodules_per_scan": point.false_positives_per_scan,
        "sensitivity": point.sensitivity,
        "planted": _found(planted, point.threshold),
        "planted_by_diameter": by_diameter,
        "own_lesions": _found(lesions, point.threshold),
    }


def _found(targets: _Targets, threshold: float) -> Mapping[str, Plain]:
    hits = sum(hit is not None and hit >= threshold for _, hit in targets)
    return {"n": len(targets), "n_found": hits, "sensitivity": hits / len(targets) if targets else None}
