"""Figures of a detector on planted nodules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...results.plain_json import Plain
from ..detection.detection import Detection
from ..detection.froc import RATES, compute_froc
from ..detection.froc_intervals import froc_intervals
from ..detection.judge_scan import judge_scan
from ..detection.score_detections import Curve, Scores
from ..detection.scoring_error import ScoringError
from .background_scan import Row
from .judged_copy import JudgedCopy
from .planted_copies import CopyTruth
from .row_figures import OPERATING_RATES, operating_points, row_figures

WHAT_IT_IS = (
    "Real nodules with readers' outlines, of patients that the network was not trained on, put with 3 mm of their own "
    "surroundings into the lung of scans and phantoms; found by the bundle's whole pipeline; hits by the LUNA16 rule. "
    "The scans' own annotated lesions are targets, too, once in each copy. Everything else that is found counts as no "
    "nodule, also a real nodule that nobody annotated: the number of non-nodules is an upper bound."
)
WHAT_IT_IS_NOT = (
    "No FROC on annotated scans (LUNA16): nodules lie free in aerated lung, none on the pleura or inside vessels; they "
    "were moved, so that their surroundings fit less than real ones; few real scans serve as backgrounds and several "
    "copies share one, so that the intervals, drawn by copy, say nothing of the lungs of other patients. The operating "
    "points are chosen on the same copies that their sensitivity is said of."
)
_HEADLINE_RATE = 2.0
_MEANT = {
    "all_scans": "copies of scans and phantoms not trained on: the figures at the top are theirs",
    "scans": "copies of real scans not trained on",
    "phantoms": "copies of analytic chests of seeds not trained on",
    "scans_trained_on": "copies of scans whose lung the network was trained on: part of no other row",
}


def transplanted_froc(
    truth: Sequence[CopyTruth],
    by_case: Mapping[str, Sequence[Detection]],
    *,
    draws: int = 1000,
    also: Mapping[str, Plain] | None = None,
) -> Scores:
    """Judge what was found in copies whose truth is known; copies that are not in ``by_case`` are left out.

    Returns metrics and curves by row: ``all_scans`` (not trained on), ``scans``, ``phantoms``, ``scans_trained_on``.

    Raises
    ------
    ScoringError
        No copy of a background that was not trained on is left.
    """
    copies = [
        JudgedCopy(copy, judge_scan(copy.scan, by_case[copy.scan.case])) for copy in truth if copy.scan.case in by_case
    ]
    rows = {name: chosen for name, chosen in _rows(copies).items() if chosen}
    if "all_scans" not in rows:
        raise ScoringError("No copy of a scan or phantom that was not trained on could be scored.")
    curves = {name: _curve(chosen, draws) for name, chosen in rows.items()}
    headline, at = curves["all_scans"], RATES.index(_HEADLINE_RATE)
    low, high = headline.intervals.sensitivity[at]
    metrics: dict[str, Plain] = {
        **(also or {}),
        "what_it_is": WHAT_IT_IS,
        "what_it_is_not": WHAT_IT_IS_NOT,
        "interval": f"95 %, percentile bootstrap by copy, {draws} draws",
        "n_copies": len(rows["all_scans"]),
        "n_targets": headline.froc.n_nodules,
        "sensitivity_at_2_per_scan": headline.froc.sensitivity_at()[at],
        "sensitivity_at_2_per_scan_ci95": [low, high],
        "cpm": headline.froc.cpm,
        "cpm_ci95": list(headline.intervals.cpm),
        "operating_points": operating_points(rows["all_scans"], headline.froc, OPERATING_RATES),
        "rows": {name: {"meaning": _MEANT[name], **row_figures(rows[name], curve)} for name, curve in curves.items()},
    }
    return Scores(metrics, curves)


def _rows(copies: Sequence[JudgedCopy]) -> Mapping[str, Sequence[JudgedCopy]]:
    def of(*kinds: Row) -> Sequence[JudgedCopy]:
        return [copy for copy in copies if copy.truth.row in kinds]

    return {
        "all_scans": of("scans", "phantoms"),
        "scans": of("scans"),
        "phantoms": of("phantoms"),
        "scans_trained_on": of("scans_trained_on"),
    }


def _curve(copies: Sequence[JudgedCopy], draws: int) -> Curve:
    outcomes = [copy.outcome for copy in copies]
    return Curve(compute_froc(outcomes), froc_intervals(outcomes, draws=draws))
