"""Figures in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...results.page.number_text import number_text

_NONE = "\u2013"


def figure_text(figures: Mapping[str, Any], name: str, *, digits: int = 3, unit: str = "") -> str:
    """Write ``NAME`` and its interval ``NAME_ci95`` of a metrics dictionary; a dash where there is none."""
    value = figures.get(name)
    interval = figures.get(f"{name.removesuffix('_mean')}_ci95")
    if value is None:
        return _NONE
    text = number_text(value, digits)
    if interval is not None:
        text += f" ({number_text(interval[0], digits)} to {number_text(interval[1], digits)})"
    return f"{text} {unit}".strip()
