"""Which plan goes to whom."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Sequence

from ..records import SeriesPlan

PER_WORKER = 2
"""One is computed while the other is read or written."""

MAX_LOSSES = 3
"""Workers that are spent on one plan."""


class Assignments:
    """The plans that nobody has yet.

    A plan whose worker was lost comes last and has the next worker to itself: if that is lost too, the plan is to
    blame or the machine, and no other plan that happened to be with it.
    """

    def __init__(self, plans: Sequence[SeriesPlan]) -> None:
        self._fresh = deque(plans)
        self._suspects: deque[SeriesPlan] = deque()
        self._losses: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._fresh) + len(self._suspects)

    def next_for(self, held: Collection[SeriesPlan]) -> SeriesPlan | None:
        """Take a plan for a worker that has those of ``held``; None where it shall have no more."""
        if self._fresh:
            room = len(held) < PER_WORKER and not any(self._losses[plan.case_id] for plan in held)
            return self._fresh.popleft() if room else None
        return self._suspects.popleft() if self._suspects and not held else None

    def lost(self, held: Collection[SeriesPlan]) -> tuple[SeriesPlan, ...]:
        """Take back what a lost worker had; return what shall not be tried again."""
        self._losses.update(plan.case_id for plan in held)
        hopeless = tuple(plan for plan in held if self._losses[plan.case_id] >= MAX_LOSSES)
        self._suspects.extend(plan for plan in held if plan not in hopeless)
        return hopeless
