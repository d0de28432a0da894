"""The time of a run, by stage."""

from __future__ import annotations

from collections.abc import Sequence

from ..run_info import RunInfo
from .listed_case import ListedCase
from .table import Cell, Column, number, table, text

_TOTAL = "total"


def timing_table(cases: Sequence[ListedCase], run: RunInfo, *, thing: str = "scan") -> str:
    """Return HTML: seconds of the run by stage, and the case (a ``thing``) that took longest.

    Stages of several cases run side by side, so that they need not add up to the total. A resumed run counts its own
    time only; mean and longest are of all scans that are listed.
    """
    columns = (
        Column("Stage"),
        Column(f"All {thing}s, s", numeric=True),
        Column(f"Mean per {thing}, s", numeric=True),
        Column("Longest, s", numeric=True),
        Column("Longest in"),
    )
    stages = dict.fromkeys([*run.timings_s, *(stage for case in cases for stage in case.timings_s)])
    ordered = sorted(stages, key=lambda stage: stage == _TOTAL)
    rows = (_row(stage, cases, run) for stage in ordered)
    note = '<p class="quiet">Stages run side by side: they need not add up to the total.</p>' if stages else ""
    return table(columns, rows, name="timing") + note


def _row(stage: str, cases: Sequence[ListedCase], run: RunInfo) -> tuple[Cell, ...]:
    seconds = {case.case_id: case.timings_s[stage] for case in cases if stage in case.timings_s}
    longest = max(seconds, key=lambda case_id: seconds[case_id], default="")
    mean = sum(seconds.values()) / len(seconds) if seconds else None
    return (
        text(stage),
        number(run.timings_s.get(stage), 2),
        number(mean, 2),
        number(seconds.get(longest), 2),
        text(longest),
    )
