"""The record of a case that went wrong."""

from __future__ import annotations

from ..codes import CODES
from ..name_fault import name_fault
from ..records import CaseResult, SeriesPlan, Status
from .plan_digest import plan_digest


def case_failure(plan: SeriesPlan, code: str, reason: str, status: Status = "failed") -> CaseResult:
    """Make the record of a planned case that has no findings to show, and say why."""
    return CaseResult(
        case_id=plan.case_id,
        status=status,
        codes=(*plan.codes, code),
        reason=reason,
        notes=plan.notes,
        choice=plan.choice,
        n_files=plan.n_files,
        shape_ijk=plan.shape_ijk,
        spacing_mm=plan.spacing_mm,
        affine_lps=plan.affine_lps,
        plan_digest=plan_digest(plan),
        origin=plan.origin,
    )


def unforeseen_failure(plan: SeriesPlan, code: str, error: BaseException) -> CaseResult:
    """Make the record of a case that an unforeseen exception ended; see :func:`name_fault`."""
    return case_failure(plan, code, f"{CODES[code].summary} {name_fault(error)}. {CODES[code].remedy}")
