"""The form of scans and their findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from ..records import CaseResult, Rejection
from ..results.finished_cases import finished_cases
from ..results.outputs import checked_outputs
from ..results.write_case import write_case
from ..results.write_run import write_run
from .case_failure import unforeseen_failure
from .case_result import case_result
from .result_form import Case, ResultForm


def scan_form() -> ResultForm:
    """Return the form."""
    return ResultForm(
        prepare_batch=prepare_case,
        frees_image=True,
        done=_done,
        failed=unforeseen_failure,
        rejected=_rejected,
        checked_outputs=checked_outputs,
        write_case=lambda output, result, case: write_case(output, result, case.get("volume") if case else None),
        finished=finished_cases,
        write_run=lambda output, run, cases, links: write_run(output, run, cases, links=links),
    )


def prepare_case(case: Case, device: torch.device, non_blocking: bool = False) -> tuple[torch.Tensor, None]:
    """Image of one case ``(c, k, j, i)`` as a batch of one on the device."""
    image = case["image"].as_tensor()[None]
    return image.to(device=device, non_blocking=non_blocking), None


def _done(case: Case, timings_s: Mapping[str, float]) -> CaseResult:
    lungs: Any = case.get("lungs")
    extra = ("W_LUNGS_NOT_FOUND",) if lungs is not None and not lungs.found else ()
    return case_result(case["plan"], case["volume"], case["findings"], extra_codes=extra, timings_s=timings_s)


def _rejected(rejection: Rejection) -> CaseResult:
    return CaseResult(
        case_id=rejection.case_id,
        status=rejection.status,
        codes=(rejection.code, *rejection.codes),
        reason=rejection.reason,
        n_files=rejection.n_files,
        origin=rejection.origin,
    )
