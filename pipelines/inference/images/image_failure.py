"""The record of an image case that went wrong."""

from __future__ import annotations

from ...codes import CODES
from ...images.image_result import ImageResult
from ...images.picture_plan import PicturePlan
from ...name_fault import name_fault
from ...records import Rejection, SeriesPlan, Status
from ..plan_digest import plan_digest


def image_failure(plan: PicturePlan | SeriesPlan, code: str, reason: str, status: Status = "failed") -> ImageResult:
    """Make the record of a planned case that has nothing to show, and say why."""
    return ImageResult(
        case_id=plan.case_id,
        status=status,
        codes=(*plan.codes, code),
        reason=reason,
        notes=plan.notes,
        choice=plan.choice,
        source=source_of(plan),
        n_files=plan.n_files,
        plan_digest=digest_of_plan(plan),
        origin=plan.origin,
    )


def unforeseen_image_failure(plan: PicturePlan | SeriesPlan, code: str, error: BaseException) -> ImageResult:
    """Make the record of a case that an unforeseen exception ended; see :func:`name_fault`."""
    return image_failure(plan, code, f"{CODES[code].summary} {name_fault(error)}. {CODES[code].remedy}")


def image_rejection(rejection: Rejection) -> ImageResult:
    """Make the record of what was refused before it was planned."""
    return ImageResult(
        case_id=rejection.case_id,
        status=rejection.status,
        codes=(rejection.code, *rejection.codes),
        reason=rejection.reason,
        n_files=rejection.n_files,
        origin=rejection.origin,
    )


def source_of(plan: PicturePlan | SeriesPlan) -> str:
    """Say what the pictures of a case are."""
    return "file" if isinstance(plan, PicturePlan) else "series"


def digest_of_plan(plan: PicturePlan | SeriesPlan) -> str:
    """Say what a case is read from, as one hash."""
    return plan.digest if isinstance(plan, PicturePlan) else plan_digest(plan)
