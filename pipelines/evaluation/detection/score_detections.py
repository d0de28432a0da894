"""All figures of one detector."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...results.plain_json import Plain
from .choose_detections import Chosen, choose_detections
from .froc import RATES, Froc, compute_froc
from .froc_intervals import NO_INTERVALS, FrocIntervals, froc_intervals
from .judge_scan import ScanOutcome, judge_scan
from .operating_point import choose_operating_point
from .overlap_scores import overlap_scores
from .predictions import Predictions
from .true_scan import TrueScan

RULE = (
    "LUNA16: a candidate nearer to a nodule's centre than its radius is a hit; the best one counts, further ones and "
    "those in excluded findings are neither hits nor false positives; sensitivity is interpolated at 1/8 to 8 false "
    "positives per scan; CPM is the mean of the seven"
)
DIAMETERS_MM = ((0.0, 6.0), (6.0, 10.0), (10.0, 20.0), (20.0, math.inf))
"""Nodules by size: Fleischner's lower limit of 6 mm, and the usual steps above it."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A FROC over the scans of one denominator, with its intervals."""

    froc: Froc
    intervals: FrocIntervals


@dataclass(frozen=True, eq=False)
class Scores:
    """``metrics`` for metrics.json, and the curves by the name of their denominator."""

    metrics: Mapping[str, Plain]
    curves: Mapping[str, Curve]


def score_detections(
    truth: Sequence[TrueScan],
    predictions: Predictions,
    *,
    most_per_scan: int | None = 100,
    draws: int = 1000,
    also: Mapping[str, Plain] | None = None,
) -> Scores:
    """Score detections against the truth.

    Denominators: ``all_scans`` (also those without nodule or detection), ``scans_with_nodules`` (only these, and only
    their false positives) and ``scans_with_predictions`` (only these, and only their nodules). Scans that are not
    annotated completely are in none of them; what was found there is said apart. ``also`` is put into the metrics.
    """
    chosen = choose_detections(predictions.detections, truth, most_per_scan=most_per_scan)
    judged = [(scan, judge_scan(scan, chosen.by_case.get(scan.case, ()))) for scan in truth]
    whole = [(scan, outcome) for scan, outcome in judged if scan.complete]
    curves = {
        name: Curve(compute_froc(outcomes), _intervals(outcomes, draws))
        for name, outcomes in _denominators([outcome for _, outcome in whole]).items()
        if outcomes
    }
    metrics: dict[str, Plain] = {
        **(also or {}),
        "rule": RULE,
        "interval": f"95 %, percentile bootstrap by patient or scan, {draws} draws",
        "rows": {
            "detections": len(predictions.detections),
            "faulty": len(predictions.faults),
            **chosen.left_out,
            "scored": sum(len(found) for found in chosen.by_case.values()),
        },
        **{name: _of_curve(curve) for name, curve in curves.items()},
        "candidates": _candidates([outcome for _, outcome in whole]),
        "incomplete_scans": _incomplete([outcome for scan, outcome in judged if not scan.complete]),
        "overlap": _overlap([scan for scan, _ in whole], chosen),
    }
    if "all_scans" in curves and curves["all_scans"].froc.n_nodules:
        froc = curves["all_scans"].froc
        metrics |= {"cpm": froc.cpm, "cpm_denominator": "all_scans"}
        metrics["operating_points"] = [_point(froc, rate) for rate in RATES]
        metrics["by_diameter"] = _by_diameter(whole, choose_operating_point(froc, 1.0).threshold)
    return Scores(metrics, curves)


def _intervals(outcomes: Sequence[ScanOutcome], draws: int) -> FrocIntervals:
    """Draw patients; one alone is the same in every draw, and an interval of no width would look like certainty."""
    return froc_intervals(outcomes, draws=draws) if len({o.group for o in outcomes}) > 1 else NO_INTERVALS


def _denominators(outcomes: Sequence[ScanOutcome]) -> Mapping[str, Sequence[ScanOutcome]]:
    return {
        "all_scans": outcomes,
        "scans_with_nodules": [o for o in outcomes if o.hits],
        "scans_with_predictions": [o for o in outcomes if o.n_candidates],
    }


def _of_curve(curve: Curve) -> Mapping[str, Plain]:
    froc, intervals = curve.froc, curve.intervals
    names = [f"{rate:g}" for rate in RATES]
    return {
        "n_scans": froc.n_scans,
        "n_nodules": froc.n_nodules,
        "cpm": finite(froc.cpm),
        "cpm_ci95": _interval(intervals.cpm),
        "sensitivity": dict(zip(names, map(finite, froc.sensitivity_at()), strict=True)),
        "sensitivity_ci95": dict(zip(names, map(_interval, intervals.sensitivity), strict=True)),
        "sensitivity_of_all_candidates": finite(float(froc.sensitivity[-1])),
        "false_positives_per_scan_of_all_candidates": float(froc.false_positives_per_scan[-1]),
    }


def _candidates(outcomes: Sequence[ScanOutcome]) -> Mapping[str, Plain]:
    return {
        "nodules_found": sum(p is not None for o in outcomes for p in o.hits),
        "false_positives": sum(len(o.false_positives) for o in outcomes),
        "further_hits": sum(o.n_further_hits for o in outcomes),
        "in_excluded_findings": sum(o.n_excluded for o in outcomes),
    }


def _incomplete(outcomes: Sequence[ScanOutcome]) -> Mapping[str, Plain]:
    """Where other nodules may be unmarked, only hits can be counted."""
    return {
        "n_scans": len(outcomes),
        "n_nodules": sum(len(o.hits) for o in outcomes),
        "nodules_found": sum(p is not None for o in outcomes for p in o.hits),
    }


def _overlap(truth: Sequence[TrueScan], chosen: Chosen) -> Mapping[str, Plain] | None:
    """AP and AR; None where a detection has no size."""
    if any(d.size_mm is None for found in chosen.by_case.values() for d in found):
        return None
    scores = overlap_scores(truth, chosen.by_case)
    names = [f"{iou:g}" for iou in scores.iou_thresholds]
    return {
        "kind": "3D boxes, matched best first; AP over 101 recalls (COCO); AR: recall of all detections",
        "ap": dict(zip(names, map(finite, scores.average_precision), strict=True)),
        "ar": dict(zip(names, map(finite, scores.average_recall), strict=True)),
        "map": finite(sum(scores.average_precision) / len(names)),
        "mar": finite(sum(scores.average_recall) / len(names)),
    }


def _point(froc: Froc, rate: float) -> Mapping[str, Plain]:
    point = choose_operating_point(froc, rate)
    return {
        "at_most_false_positives_per_scan": rate,
        "probability": finite(point.threshold),
        "false_positives_per_scan": point.false_positives_per_scan,
        "sensitivity": point.sensitivity,
    }


def _by_diameter(whole: Sequence[tuple[TrueScan, ScanOutcome]], threshold: float) -> list[Plain]:
    """Sensitivity by size, at the threshold for one false positive per scan."""
    nodules = [pair for scan, outcome in whole for pair in zip(scan.nodules, outcome.hits, strict=True)]
    groups = []
    for low, high in DIAMETERS_MM:
        hits = [p is not None and p >= threshold for nodule, p in nodules if low <= nodule.diameter_mm < high]
        share = sum(hits) / len(hits) if hits else None
        groups.append({"from_mm": low, "below_mm": finite(high), "n_nodules": len(hits), "sensitivity": share})
    return list(groups)


def finite(value: float) -> float | None:
    """JSON knows neither nan nor infinity: None."""
    return value if math.isfinite(value) else None


def _interval(ends: tuple[float, float]) -> list[Plain] | None:
    return list(ends) if all(map(math.isfinite, ends)) else None
