"""A row of any prediction file to a detection."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .detection import Detection


def make_detection(case: object, centre: Sequence[object], size: Sequence[object] | None, score: object) -> Detection:
    """Check one row.

    Raises
    ------
    ValueError
        The case is empty, or a number is missing, not finite, or (a size) not positive; the message says which.
    """
    name = str(case).strip() if case is not None else ""
    if not name:
        raise ValueError("the scan is not named")
    if len(centre) != 3 or (size is not None and len(size) != 3):
        raise ValueError("expected three numbers for a place and three for a size")
    x, y, z = (_finite(value, f"coordinate {axis}") for value, axis in zip(centre, "xyz", strict=True))
    probability = _finite(score, "probability")
    if size is None:
        return Detection(name, (x, y, z), None, probability)
    a, b, c = (_finite(value, "size") for value in size)
    if min(a, b, c) <= 0:
        raise ValueError("a size is not positive")
    return Detection(name, (x, y, z), (a, b, c), probability)


def _finite(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{what} is no number")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise ValueError(f"{what} is {'missing' if value == '' else 'no number'}") from None
    if not math.isfinite(number):
        raise ValueError(f"{what} is not finite")
    return number
