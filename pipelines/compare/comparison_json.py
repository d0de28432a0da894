"""``comparison.json``: what changed between two scans."""

from __future__ import annotations

from dataclasses import asdict

from ..records import Index
from ..results.plain_json import Plain, plain_json
from ..results.research_use import RESEARCH_USE
from .comparison import Comparison, FollowedPair, SinglePlace
from .judge_alignment import Alignment
from .read_result import Result

SCHEMA_VERSION = 1
"""``data_manifests/comparison.schema.json`` says what it holds."""

CAVEAT = (
    "A new nodule may have been overlooked in the first scan, a vanished one in the second: look at its place in the "
    "other scan. Lungs are aligned as rigid bodies."
)


def comparison_json(comparison: Comparison) -> bytes:
    """Encode a comparison: interval, not dates; case ids, not patients.

    Raises
    ------
    ValueError
        A number that is not finite.
    """
    return plain_json(
        {
            "schema_version": SCHEMA_VERSION,
            "note": RESEARCH_USE,
            "caveat": CAVEAT,
            "frame": "LPS",
            "status": comparison.status,
            "codes": comparison.codes,
            "reason": comparison.reason,
            "interval_days": comparison.interval_days,
            "before": _side(comparison.before, comparison.before_shape_ijk),
            "after": _side(comparison.after, comparison.after_shape_ijk),
            "alignment": None if comparison.alignment is None else _alignment(comparison.alignment),
            "pairs": [_pair(pair) for pair in comparison.pairs],
            "new": [_single(place) for place in comparison.new],
            "vanished": [_single(place) for place in comparison.vanished],
        }
    )


def _side(result: Result, shape_ijk: Index) -> Plain:
    config_hash, weights_hash = result.model
    return {
        "case_id": result.case_id,
        "input_digest": result.input_digest,
        "bundle": result.bundle,
        "config_hash": config_hash,
        "weights_hash": weights_hash,
        "n_findings": len(result.nodules),
        "shape_ijk": shape_ijk,
    }


def _alignment(alignment: Alignment) -> Plain:
    return {
        "before_to_after_lps_mm": alignment.motion.round(6).tolist(),
        "rotation_deg": round(alignment.rotation_deg, 4),
        "judgement": alignment.judgement,
        "inner_correlation": round(alignment.inner_correlation, 4),
        "lung_surface_distance_mm": round(min(alignment.lung_surface_distance_mm, 1e4), 3),  # infinite: no surface
        "common_share": round(alignment.common_share, 4),
    }


def _pair(followed: FollowedPair) -> Plain:
    pair = followed.pair
    return {
        "before": asdict(pair.before),
        "after": asdict(pair.after),
        "distance_mm": pair.distance_mm,
        "ambiguous": pair.ambiguous,
        **asdict(followed.growth),
    }


def _single(single: SinglePlace) -> Plain:
    return {
        **asdict(single.nodule),
        "other_scan": {
            "place_lps_mm": single.place_lps_mm,
            "place_ijk": single.place_ijk,
            "shown": single.shown,
        },
    }
