"""Rounding as people do it on paper."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def round_half_up(value: float, digits: int) -> Decimal:
    """Round the shortest decimal of a number, a half away from 0 (Python's own ``round`` takes it to even).

    Raises
    ------
    ValueError
        A number that is negative or not finite: no size.
    """
    if not 0 <= value < float("inf"):
        raise ValueError(f"a size is a finite number from 0, found {value}")
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
