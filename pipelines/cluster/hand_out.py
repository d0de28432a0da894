"""Plans to workers, until all are done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..codes import CODES
from ..inference.case_failure import case_failure
from ..records import CaseResult, SeriesPlan
from .answer import Done, Ready
from .assignments import MAX_LOSSES, Assignments
from .crew import Crew, Event

_TICK_S = 1.0


def hand_out(
    plans: Sequence[SeriesPlan],
    crew: Crew,
    *,
    began: Callable[[Ready], None],
    done: Callable[[SeriesPlan, Done | CaseResult], None],
    tick: Callable[[int], None],
) -> None:
    """Have every plan evaluated by a worker, at most :data:`.PER_WORKER` at a time by each.

    Parameters
    ----------
    began : called whenever a worker is ready.
    done : called for each plan when its case is written, or with the record of one that workers were lost over.
    tick : called about every second with the number of workers that are ready.

    Raises
    ------
    UsageError, InputPathError, OutputNotWritable, RuntimeError
        See :class:`.Crew`.
    """
    left, n_left = Assignments(plans), len(plans)
    while n_left:
        crew.staff(n_left)
        for worker in crew.ready:
            while (plan := left.next_for(worker.held)) is not None:
                crew.give(worker, plan)
        tick(len(crew.ready))
        for event in crew.wait(_TICK_S):
            n_left -= _settle(event, left, began, done)


def _settle(
    event: Event,
    left: Assignments,
    began: Callable[[Ready], None],
    done: Callable[[SeriesPlan, Done | CaseResult], None],
) -> int:
    """Return how many plans are done with."""
    if isinstance(event.answer, Ready):
        began(event.answer)
        return 0
    if isinstance(event.answer, Done):
        (plan,) = event.held
        done(plan, event.answer)
        return 1
    hopeless = left.lost(event.held)
    for plan in hopeless:
        done(plan, _record_of_losses(plan))
    return len(hopeless)


def _record_of_losses(plan: SeriesPlan) -> CaseResult:
    code = "F_WORKER_LOST"
    return case_failure(plan, code, f"{CODES[code].summary} ({MAX_LOSSES} workers) {CODES[code].remedy}")
