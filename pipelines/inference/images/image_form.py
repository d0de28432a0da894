"""The form of pictures and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from ...images.image_result import ImageResult
from ...results.images.finished_images import finished_images
from ...results.images.image_files import NEEDED_IMAGE_OUTPUTS, image_files
from ...results.images.image_outputs import checked_image_outputs
from ...results.images.image_run_files import IMAGE_RUN_FILES
from ...results.write_case import write_folder
from ...results.write_run import write_files
from ..result_form import Case, ResultForm
from .image_failure import digest_of_plan, image_rejection, source_of, unforeseen_image_failure
from .read_images import ReadImages


def image_form(positive: str) -> ResultForm:
    """Return the form; ``positive`` is the class that pictures are ranked by."""

    def done(case: Case, timings_s: Mapping[str, float]) -> ImageResult:
        return _done(case, timings_s, positive)

    return ResultForm(
        prepare_batch=prepare_pictures,
        frees_image=False,
        done=done,
        failed=unforeseen_image_failure,
        rejected=image_rejection,
        checked_outputs=checked_image_outputs,
        write_case=_write,
        finished=finished_images,
        write_run=lambda output, run, cases, links: write_files(output, run, cases, links=links, files=IMAGE_RUN_FILES),
    )


def prepare_pictures(case: Case, device: torch.device, non_blocking: bool = False) -> tuple[torch.Tensor, None]:
    """Pictures of one case ``(b, c, h, w)`` on the device."""
    return case["image"].to(device=device, non_blocking=non_blocking), None


def _done(case: Case, timings_s: Mapping[str, float], positive: str) -> ImageResult:
    read: ReadImages = case["read"]
    plan, classes = read.plan, case["classes"]
    codes = tuple(dict.fromkeys((*plan.codes, *read.codes)))
    return ImageResult(
        case_id=plan.case_id,
        status="warned" if codes else "ok",
        codes=codes,
        notes=plan.notes,
        choice=plan.choice,
        source=source_of(plan),
        classes=classes,
        predicted=max(classes, key=classes.__getitem__),
        positive=positive,
        summary=case["summary"],
        key=case["key"],
        pictures=case["pictures"],
        n_pictures=read.n_pictures,
        n_files=plan.n_files,
        n_used=plan.n_used,
        input_digest=read.digest,
        plan_digest=digest_of_plan(plan),
        timings_s=timings_s,
        origin=plan.origin,
    )


def _write(output: Path, result: ImageResult, case: Case | None) -> Path:
    views = None if case is None else case.get("views")
    return write_folder(output, result, views, files=image_files(result.outputs), needed=NEEDED_IMAGE_OUTPUTS)
