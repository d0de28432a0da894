"""From what came to what is to be done."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection

from .inbox import Inbox
from .serve_log import log_study
from .study_queue import StudyQueue

_NOT_RETRIEVED = "it could not be retrieved whole"


def queue_quiet_studies(
    inbox: Inbox,
    queue: StudyQueue,
    *,
    quiet_s: float,
    started: float,
    incomplete: Collection[str] = (),
    overdue: Collection[str] = (),
) -> int:
    """Queue every study to which nothing was added for ``quiet_s``, and return of how many more may come.

    Parameters
    ----------
    started : when the service was; a sender that it was not there for is given time to come again.
    incomplete : studies that are being retrieved, or whose retrieval broke off: they wait for that alone.
    overdue : those of them that are failed, as it did not succeed for too long.
    """
    waiting = 0
    for name, came_ns in inbox.studies().items():
        study = queue.get(name)
        if study is not None and study.state != "received" and study.came_ns == came_ns:
            continue
        if name in overdue:
            _abandon(queue, name, came_ns)
        elif name in incomplete:
            queue.receiving(name)
        elif study is not None and study.state == "running":
            waiting += 1
        elif time.time() - max(came_ns / 1e9, started) < quiet_s:
            queue.receiving(name)
            waiting += 1
        else:
            queue_study(inbox, queue, name, came_ns)
    return waiting


def queue_study(inbox: Inbox, queue: StudyQueue, name: str, came_ns: int) -> None:
    """Queue one study as it is, if there is anything new in it."""
    if queue.complete(name, inbox.digest(name), came_ns):
        log_study(name, f"queued with {len(inbox.objects(name))} objects")


def _abandon(queue: StudyQueue, name: str, came_ns: int) -> None:
    if queue.abandon(name, came_ns, _NOT_RETRIEVED):
        log_study(name, f"failed: {_NOT_RETRIEVED}", level=logging.ERROR)
