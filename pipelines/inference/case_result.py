"""The record of a case that was evaluated."""

from __future__ import annotations

from collections.abc import Mapping

from ..records import CaseResult, Finding, SeriesPlan, Volume
from .plan_digest import plan_digest


def case_result(
    plan: SeriesPlan,
    volume: Volume,
    findings: tuple[Finding, ...],
    *,
    extra_codes: tuple[str, ...] = (),
    timings_s: Mapping[str, float],
) -> CaseResult:
    """Make the record of an evaluated case: ``warned`` if anything was remarked on the way, else ``ok``."""
    codes = tuple(dict.fromkeys((*plan.codes, *volume.codes, *extra_codes)))
    k, j, i = volume.hu.shape
    return CaseResult(
        case_id=plan.case_id,
        status="warned" if codes else "ok",
        codes=codes,
        notes=plan.notes,
        choice=plan.choice,
        findings=findings,
        n_files=plan.n_files,
        n_used=plan.n_used,
        shape_ijk=(i, j, k),
        spacing_mm=plan.spacing_mm,
        affine_lps=volume.affine_lps,
        input_digest=volume.digest,
        plan_digest=plan_digest(plan),
        timings_s=timings_s,
        origin=plan.origin,
    )
