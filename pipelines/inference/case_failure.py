"""The record of a case that went wrong."""

from __future__ import annotations

import traceback

from ..codes import CODES
from ..records import CaseResult, SeriesPlan, Status

_PACKAGE = __name__.split(".", maxsplit=1)[0]


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


def unforeseen_failure(plan: SeriesPlan, code: str, error: BaseException) -> CaseResult:
    """Make the record of a case that an unforeseen exception ended; see :func:`name_fault`."""
    return case_failure(plan, code, f"{CODES[code].summary} {name_fault(error)}. {CODES[code].remedy}")


def root_cause(error: BaseException) -> BaseException:
    """Return the exception that others were raised from."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def name_fault(error: BaseException) -> str:
    """Name an unforeseen exception by its type and the last line of this package: ``OSError in package.module:7``.

    Its message is left out: it may quote paths or values of the scan.
    """
    error = root_cause(error)
    frames = [(frame.f_globals.get("__name__", ""), line) for frame, line in traceback.walk_tb(error.__traceback__)]
    ours = [f" in {module}:{line}" for module, line in frames if module.startswith(f"{_PACKAGE}.")]
    return f"{type(error).__name__}{ours[-1] if ours else ''}"
