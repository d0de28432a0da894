"""What is left of a run that was begun before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from ..inference.agrees import Hashes, agrees
from ..inference.plan_digest import plan_digest
from ..records import SeriesPlan
from ..results.case_files import CASE_FILES
from ..results.finished_cases import finished_cases


def unfinished_plans(
    plans: Sequence[SeriesPlan], output: Path, outputs: Collection[str], now: Hashes
) -> tuple[SeriesPlan, ...]:
    """Leave out the plans whose case is done, from the same files, by the same model, with all ``outputs``."""
    records = finished_cases(output)
    files = {*outputs} & {file.output for file in CASE_FILES}  # files of the run need no scan

    def done(plan: SeriesPlan) -> bool:
        record = records.get(plan.case_id)
        return record is not None and agrees(record, plan_digest(plan), files, now)

    return tuple(plan for plan in plans if not done(plan))
