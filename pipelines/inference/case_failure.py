"""The record of a case that went wrong."""

from __future__ import annotations

import traceback
from pathlib import Path

from ..records import CaseResult, SeriesPlan, Status

_PACKAGE = Path(__file__).resolve().parents[2]


def case_failure(plan: SeriesPlan, code: str, reason: str, status: Status = "failed") -> CaseResult:
    """Make the record of a planned case that has no findings to show, and say why."""
    return CaseResult(
        case_id=plan.case_id,
        status=status,
        codes=(*plan.codes, code),
        reason=reason,
        n_files=plan.n_files,
        shape_ijk=plan.shape_ijk,
        spacing_mm=plan.spacing_mm,
        affine_lps=plan.affine_lps,
        origin=plan.origin,
    )


def name_fault(error: BaseException) -> str:
    """Name an unexpected exception by its type and the line of this package it passed, e.g. ``OSError in a/b.py:7``.

    Its message is left out: it may quote paths or values of the scan.
    """
    while error.__cause__ is not None:
        error = error.__cause__
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE) and ".venv" not in frame.filename]
    where = f" in {Path(ours[-1].filename).relative_to(_PACKAGE).as_posix()}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{where}"
