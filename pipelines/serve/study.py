"""A study on its way through the service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["received", "queued", "running", "sending", "done", "failed"]


@dataclass(frozen=True)
class Study:
    """A row of the queue.

    Parameters
    ----------
    name : keyed name of the study.
    state : received (not yet quiet) -> queued -> running -> sending -> done | failed.
    digest : which objects the last run was, or is to be, about.
    came_ns : when the last of them came.
    attempts : runs begun; of a study that is being sent, tries to send.
    reason : why it was failed, or waits.
    next_at : not before this time (s since 1970).
    changed_at : when the state was last changed.
    """

    name: str
    state: State
    digest: str
    came_ns: int
    attempts: int
    reason: str
    next_at: float
    changed_at: float
