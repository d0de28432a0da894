"""Plant nodules, look for them, and score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ...inference.bundle_root import bundle_root
from ...inference.usage_error import UsageError
from ...ingest.check_input import check_input
from ...ingest.input_path_error import InputPathError
from ...results.plain_json import Plain
from ...training.lidc_nodules import LidcRecord, read_lidc_nodules
from ..detection.score_detections import Scores
from ..detection.scoring_error import ScoringError
from .background_scan import BackgroundScan, Unread
from .detect_in_scans import Detected, detect_in_scans
from .known_lesions import read_known_lesions
from .planted_copies import PlantedCopies
from .read_backgrounds import draw_phantoms, read_scans
from .record_diameter_mm import record_diameter_mm
from .transplanted_froc import transplanted_froc

_MIN_PROBABILITY = 0.02
"""Candidates are told down to here, far below any operating point, so that the curve reaches 8 per scan."""
_MAX_FINDINGS = 100
"""As many candidates per scan as LUNA16 counts."""


@dataclass(frozen=True)
class Transplanted:
    """What to plant and where.

    nodules : folder of the ``lidc_nodules`` form; ``subsets`` of it that the network was not trained on (None: all).
    scans, phantom_seeds : backgrounds that were not trained on.
    scans_trained_on : backgrounds that were, for a row of their own.
    lesions : table of lesions that are known to be in the scans.
    """

    nodules: Path
    scans: Sequence[Path] = ()
    subsets: Sequence[int] | None = None
    phantom_seeds: Sequence[int] = ()
    scans_trained_on: Sequence[Path] = ()
    lesions: Path | None = None
    copies: int = 4
    per_scan: int = 5
    min_diameter_mm: float = 5.0
    seed: int = 0
    bundle: str = "lung_nodule_ct"
    draws: int = 1000


def run_transplanted(what: Transplanted) -> Scores:
    """Do it: minutes per copy on a CPU.

    Raises
    ------
    InputPathError
        A path cannot be read.
    UsageError
        There is no such bundle, or it has no weights; or neither scan nor phantom that was not trained on is named.
    ScoringError
        No nodule is left to plant, or no copy to score.
    """
    if not (what.scans or what.phantom_seeds):
        raise UsageError("Name scans or phantoms that the network was not trained on.")
    for path in (*what.scans, *what.scans_trained_on):
        check_input(path)
    root = Path(bundle_root(what.bundle))
    records = _records(what)
    planted = PlantedCopies(_backgrounds(what), records, copies=what.copies, per_scan=what.per_scan, seed=what.seed)
    found = detect_in_scans(root, planted, min_probability=_MIN_PROBABILITY, max_findings=_MAX_FINDINGS)
    also: dict[str, Plain] = {
        "weights_hash": found.weights_hash,
        "nodules": {
            "subsets": None if what.subsets is None else list(what.subsets),
            "min_diameter_mm": what.min_diameter_mm,
            "n_nodules": len(records),
            "n_patients": len({record.patient_id for record in records}),
        },
        "copies": what.copies,
        "per_scan": what.per_scan,
        "seed": what.seed,
        "min_probability": _MIN_PROBABILITY,
        "max_findings": _MAX_FINDINGS,
        "left_out": _left_out(planted, found),
    }
    return transplanted_froc(list(planted.truth.values()), found.by_case, draws=what.draws, also=also)


def _records(what: Transplanted) -> list[LidcRecord]:
    if not (what.nodules / "nodules.csv").is_file():
        raise InputPathError(f"cannot read {what.nodules}: it is no folder of the lidc_nodules form.")
    read = read_lidc_nodules(what.nodules, what.subsets)
    chosen = [r for r in read if r.outlined and record_diameter_mm(r) >= what.min_diameter_mm]
    if not chosen:
        raise ScoringError(f"No outlined nodule of at least {what.min_diameter_mm:g} mm is in these subsets.")
    return chosen


def _backgrounds(what: Transplanted) -> Iterator[BackgroundScan | Unread]:
    lesions = {} if what.lesions is None else read_known_lesions(what.lesions)
    return chain(
        read_scans("scans", what.scans, lesions),
        draw_phantoms(what.phantom_seeds),
        read_scans("scans_trained_on", what.scans_trained_on, lesions),
    )


def _left_out(planted: PlantedCopies, found: Detected) -> dict[str, dict[str, int]]:
    """Count, by row and code, scans that were not read, and copies without room or that failed on the way."""
    rows: dict[str, Counter[str]] = {}
    for one in planted.left_out:
        rows.setdefault(one.row, Counter())[one.code] += 1
    for case, code in found.failed.items():
        rows.setdefault(planted.truth[case].row, Counter())[code] += 1
    return {row: dict(codes) for row, codes in rows.items()}
