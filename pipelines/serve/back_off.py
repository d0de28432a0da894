"""How long to wait before the next try."""

from __future__ import annotations

LONGEST_S = 3600.0
"""An archive that was down over night is found again within an hour."""

_MOST_DOUBLINGS = 16  # far beyond the longest wait: keeps the power small


def back_off(first_s: float, faults: int) -> float:
    """Return seconds to wait after so many faults in a row: ``first_s``, doubled each time, an hour at most."""
    return min(first_s * 2.0 ** min(max(faults - 1, 0), _MOST_DOUBLINGS), LONGEST_S)
