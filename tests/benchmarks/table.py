"""One row per stage, against its budget and against a peer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aligned import aligned
from measure import Cost

GB = 1e9


@dataclass(frozen=True)
class Row:
    """A stage: what it took, what it may take, and what a peer took for the same step in the same run."""

    stage: str
    measured: float
    unit: str
    budget: float | None = None
    peak_gb: float | None = None
    peak_budget_gb: float | None = None
    peer: str = ""
    peer_measured: float | None = None
    peer_peak_gb: float | None = None

    @property
    def verdict(self) -> str:
        """``ok``, ``over`` (with what), or nothing where there is no budget."""
        over = [
            name
            for name, value, limit in (
                ("time", self.measured, self.budget),
                ("memory", self.peak_gb, self.peak_budget_gb),
            )
            if value is not None and limit is not None and value > limit
        ]
        if self.budget is None and self.peak_budget_gb is None:
            return ""
        return f"OVER ({', '.join(over)})" if over else "ok"

    @property
    def time_ratio(self) -> float | None:
        """This stage's time over the peer's: 0.5 is half of it."""
        return self.measured / self.peer_measured if self.peer_measured else None

    @property
    def peak_ratio(self) -> float | None:
        """This stage's peak over the peer's."""
        return self.peak_gb / self.peer_peak_gb if self.peer_peak_gb and self.peak_gb is not None else None


def cpu_row(stage: str, cost: Cost, *, peer: tuple[str, Cost] | None = None, **budgets: float | None) -> Row:
    name, theirs = peer or ("", None)
    return Row(
        stage,
        cost.cpu_s,
        "core-s",
        peak_gb=cost.peak_bytes / GB,
        peer=name,
        peer_measured=theirs and theirs.cpu_s,
        peer_peak_gb=theirs and theirs.peak_bytes / GB,
        **budgets,
    )


_TITLES = ("stage", "measured", "", "budget", "GB", "budget", "", "peer", "peer", "GB", "time", "memory")
_LEFT = {0, 2, 6, 7}


def table(rows: Sequence[Row]) -> str:
    """Align the rows; ``time`` and ``memory`` at the end are ours / the peer's."""
    return aligned([_TITLES, *(_cells(row) for row in rows)], _LEFT)


def _cells(row: Row) -> tuple[str, ...]:
    numbers = [_number(value) for value in (row.budget, row.peak_gb, row.peak_budget_gb)]
    peers = [_number(value) for value in (row.peer_measured, row.peer_peak_gb, row.time_ratio, row.peak_ratio)]
    return (row.stage, _number(row.measured), row.unit, *numbers, row.verdict, row.peer, *peers)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
