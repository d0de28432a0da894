"""Numbers for people."""

from __future__ import annotations


def number_text(value: float, digits: int) -> str:
    """Write a number with a true minus, thousands set apart, and no minus before zero."""
    return f"{round(float(value), digits) + 0.0:,.{digits}f}".replace("-", "\u2212").replace(",", "\u202f")
