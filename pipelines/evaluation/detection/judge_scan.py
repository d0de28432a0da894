"""Candidates of one scan against its nodules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .detection import Detection
from .true_scan import TrueScan
from .within import within


@dataclass(frozen=True)
class ScanOutcome:
    """What the candidates of one scan are.

    hits : for each nodule the probability of its best candidate; None where it has none.
    false_positives : probabilities of the candidates that are neither hits nor excluded.
    n_further_hits : candidates on a nodule that has a better one: neither hits nor false positives.
    n_excluded : candidates in excluded findings, neither.
    n_candidates : all of them.
    """

    group: str
    complete: bool
    hits: tuple[float | None, ...]
    false_positives: tuple[float, ...]
    n_further_hits: int
    n_excluded: int
    n_candidates: int


def judge_scan(scan: TrueScan, detections: Sequence[Detection]) -> ScanOutcome:
    """Judge the candidates of a scan by the LUNA16 rule (Setio et al. 2017).

    A candidate hits a nodule where it is nearer to its centre than its radius. As in the evaluation of LUNA16, it may
    hit several nodules and then counts for each, and a hit that also lies in an excluded finding is a hit.
    """
    probability = np.array([d.probability for d in detections], dtype=np.float64)
    centres = [d.centre_lps_mm for d in detections]
    on_nodule, on_excluded = within(centres, scan.nodules), within(centres, scan.excluded)
    hits = tuple(float(probability[on].max()) if on.any() else None for on in on_nodule)
    hit = on_nodule.any(axis=0)
    excluded = on_excluded.any(axis=0) & ~hit
    best = {int(np.flatnonzero(on)[np.argmax(probability[on])]) for on in on_nodule if on.any()}
    return ScanOutcome(
        group=scan.group or scan.case,
        complete=scan.complete,
        hits=hits,
        false_positives=tuple(float(p) for p in probability[~hit & ~excluded]),
        n_further_hits=int(hit.sum()) - len(best),
        n_excluded=int(excluded.sum()),
        n_candidates=len(detections),
    )
