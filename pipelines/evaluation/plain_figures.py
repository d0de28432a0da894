"""Figures as plain values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..results.plain_json import Plain
from .patient_draws import Figure


def plain_figures(figures: Mapping[str, Figure]) -> dict[str, Plain]:
    """Give each figure as ``NAME`` and ``NAME_ci95`` (of ``dice_mean``: ``dice_ci95``); what is not defined is None."""
    plain: dict[str, Plain] = {}
    for name, figure in figures.items():
        interval = [figure.low, figure.high]
        plain[name] = figure.value if np.isfinite(figure.value) else None
        plain[f"{name.removesuffix('_mean')}_ci95"] = interval if np.all(np.isfinite(interval)) else None
    return plain
