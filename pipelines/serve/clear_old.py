"""Remove what is no longer needed."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from .inbox import Inbox
from .study import Study
from .study_queue import StudyQueue

DAY_S = 86400.0
FAILED_DAYS = 7.0
"""What was received of a failed study is kept at least so long: over a weekend and a holiday."""


def clear_old(inbox: Inbox, results: Path, queue: StudyQueue, *, keep_days: float, sent: bool) -> None:
    """Remove what was received of studies that have been done for longer than ``keep_days``.

    Results are removed with it where they were ``sent`` away. The queue remembers the study: if the same objects come
    again, they are not evaluated again.
    """
    now = time.time()
    for name in inbox.studies():
        study = queue.get(name)
        if study is not None and _is_old(study, now, keep_days):
            inbox.remove(name, came=study.came_ns)
    for folder in results.glob("[!.]*") if sent else ():
        study = queue.get(folder.name)
        if study is not None and _is_old(study, now, keep_days):
            shutil.rmtree(folder)


def _is_old(study: Study, now: float, keep_days: float) -> bool:
    days = {"done": keep_days, "failed": max(keep_days, FAILED_DAYS)}.get(study.state)
    return days is not None and now - study.changed_at >= days * DAY_S
