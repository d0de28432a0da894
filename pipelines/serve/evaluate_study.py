"""Run a study and judge what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from ..inference.exit_code import ExitCode
from .result_objects import run_cases
from .run_infer import infer_arguments, run_infer
from .serve_config import Run
from .serve_log import log_study
from .study import Study
from .study_queue import StudyQueue

_DONE = ("ok", "warned")
_NOT_THE_STUDY = (ExitCode.USAGE, ExitCode.OUTPUT_NOT_WRITABLE)
"""Faults of the configuration and of the machine: every study would have them."""


def evaluate_study(
    study: Study,
    source: Path,
    output: Path,
    queue: StudyQueue,
    *,
    run: Run,
    id_key: Path,
    digest: Callable[[], str],
    go_on: Callable[[], bool],
) -> None:
    """Run ``resmtnet infer`` on what was received of a study (``source``) and put it where it belongs in the queue.

    A study of which at least one series was evaluated goes on; one in which nothing is usable is failed, with the codes
    of the cases as its reason. A run that broke off is tried again, and so is one of whose series some failed: what was
    evaluated is kept, and goes on alone after the last attempt. Nothing is sent of a study that grew meanwhile: it
    waits to be quiet, and is run once more.

    Parameters
    ----------
    digest : asked what objects the study has now; see :meth:`.Inbox.digest`.
    """
    log_study(study.name, f"run {study.attempts} begins")
    arguments = infer_arguments(run, source, output, id_key)
    outcome = run_infer(arguments, time_limit_s=run.time_limit_s, go_on=go_on)
    cases = run_cases(output)
    codes = ", ".join(sorted({code for case in cases if case.status not in _DONE for code in case.codes}))
    some, failed = (any(case.status in statuses for case in cases) for statuses in (_DONE, ("failed",)))
    if outcome.stopped:
        queue.give_back(study.name)
        log_study(study.name, "run stopped, queued again")
    elif outcome.code in _NOT_THE_STUDY:
        queue.put_off(study.name, f"infer: {outcome.why}")
        log_study(study.name, f"run put off: {outcome.why}", level=logging.ERROR)
    elif digest() != study.digest:
        queue.grew(study.name)
        log_study(study.name, "grew during its run, waits to be quiet")
    elif failed and outcome.code is not None and queue.may_try_again(study):
        queue.try_again(study, f"some of it failed ({codes})")
        log_study(study.name, f"run {study.attempts}: some of it failed ({codes})", level=logging.ERROR)
    elif outcome.code == ExitCode.OK or (outcome.code == ExitCode.SOME_NOT_DONE and some):
        queue.evaluated(study.name, f"left out: {codes}" if codes else "")
        log_study(study.name, f"evaluated{f', left out: {codes}' if codes else ''}")
    elif outcome.code == ExitCode.NOTHING_USABLE:
        _fail(queue, study, f"no usable CT series ({codes or 'none'})")
    else:
        reason = f"infer: {outcome.why}{f' ({codes})' if codes else ''}"
        queue.try_again(study, reason)
        log_study(study.name, f"run {study.attempts} broke off: {reason}", level=logging.ERROR)


def _fail(queue: StudyQueue, study: Study, reason: str) -> None:
    queue.fail(study.name, reason)
    log_study(study.name, f"failed: {reason}", level=logging.ERROR)
