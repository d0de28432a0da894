"""What is plotted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["line", "points", "both", "reference"]


@dataclass(frozen=True, kw_only=True)
class Series:
    """Points ``(x, y)``, drawn as ``kind``; a reference is a thin dashed grey line.

    Parameters
    ----------
    name : in the legend; '' for none.
    x, y : as long as each other, finite.
    low, high : ends of an interval of each ``y``: whiskers at points, a band along a line. Both or none; nan at a point
        that has none.

    Raises
    ------
    ValueError
        The lengths differ, or only one end of the intervals is given.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    kind: Kind = "line"
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None

    def __post_init__(self) -> None:
        if (self.low is None) != (self.high is None):
            raise ValueError(f"series {self.name!r}: expected both ends of the intervals, or none")
        lengths = {len(v) for v in (self.x, self.y, self.low, self.high) if v is not None}
        if len(lengths) > 1:
            raise ValueError(f"series {self.name!r}: x, y, low and high have lengths {sorted(lengths)}, expected one")
