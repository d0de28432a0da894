"""Curves of error against uncertainty as plain values."""

from __future__ import annotations

from collections.abc import Mapping

from ..results.plain_json import Plain
from .plain_figures import plain_figures
from .uncertainty_curve import UncertaintyCurve


def uncertainty_figures(curves: Mapping[str, UncertaintyCurve]) -> dict[str, Plain]:
    """Give the curves as plain values."""
    return {name: _plain(curve) for name, curve in curves.items()}


def _plain(curve: UncertaintyCurve) -> dict[str, Plain]:
    figures = {"spearman": curve.spearman, "risk_area": curve.risk_area, "mean_error": curve.mean_error}
    bins: list[Plain] = [
        {"n": b.n, "mean_uncertainty": b.mean_uncertainty, **plain_figures({"error_mean": b.error})} for b in curve.bins
    ]
    return {"n": curve.n, **plain_figures(figures), "bins": bins}
