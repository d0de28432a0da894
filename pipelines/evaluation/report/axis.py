"""From values to places on the paper."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_WHOLE = 1e-9
"""Of a step: rounding of sums of steps."""


@dataclass(frozen=True)
class Axis:
    """Values from ``low`` to ``high`` laid out from ``start`` to ``end`` px; ``log``: by their logarithm.

    Raises
    ------
    ValueError
        An end is not finite, they are not in order, or a logarithmic axis does not begin above 0.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __post_init__(self) -> None:
        if not (isfinite(self.low) and isfinite(self.high) and self.low < self.high):
            raise ValueError(f"an axis from {self.low} to {self.high}: expected two finite values in rising order")
        if self.log and self.low <= 0:
            raise ValueError(f"a logarithmic axis from {self.low}: expected a value above 0")

    def place(self, value: float) -> float:
        """Return the place of a value, px; what lies beyond the axis stands at its end."""
        low, high, v = (self._scaled(x) for x in (self.low, self.high, min(max(value, self.low), self.high)))
        return self.start + (self.end - self.start) * (v - low) / (high - low)

    def ticks(self) -> list[float]:
        """Return round values within the axis: about five, or powers of two or ten on a logarithmic one."""
        if not self.log:
            return _multiples(self.low, self.high)
        base = 2 if self.high / self.low <= 1024 else 10
        exponents = range(-40, 41)
        slack = 1 + _WHOLE
        return [float(base) ** n for n in exponents if self.low / slack <= float(base) ** n <= self.high * slack]

    def _scaled(self, value: float) -> float:
        return log10(value) if self.log else value


def _multiples(low: float, high: float) -> list[float]:
    rough = (high - low) / 5
    power = 10.0 ** floor(log10(rough))
    step = min((s * power for s in _STEPS), key=lambda s: abs(s - rough))
    first, last = ceil(low / step - _WHOLE), floor(high / step + _WHOLE)
    return [n * step for n in range(first, last + 1)]
