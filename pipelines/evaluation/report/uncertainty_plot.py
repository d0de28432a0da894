"""Error against uncertainty."""

from __future__ import annotations

from math import isfinite

from ..plain_figures import plain_figures
from ..uncertainty_curve import UncertaintyCurve
from .draw_plot import draw_plot
from .drawing import Drawing
from .figure_text import figure_text
from .series import Series


def uncertainty_plot(curve: UncertaintyCurve, *, title: str, x_label: str, y_label: str) -> Drawing | None:
    """Draw the mean error of each group of like uncertainty, with its interval; None for less than two groups.

    None too where no group has an error.
    """
    bins, mean = curve.bins, curve.mean_error.value
    highest = max((v for b in bins for v in (b.error.value, b.error.high) if isfinite(v)), default=0.0)
    if len(bins) < 2 or highest <= 0:
        return None
    x, high = [b.mean_uncertainty for b in bins], [b.error.high for b in bins]
    said = figure_text(plain_figures({"spearman": curve.spearman}), "spearman", digits=2)
    return draw_plot(
        [
            Series(name="mean error of all", x=[x[0], x[-1]], y=[mean, mean], kind="reference"),
            Series(
                name=f"Spearman {said}",
                x=x,
                y=[b.error.value for b in bins],
                low=[b.error.low for b in bins],
                high=high,
                kind="both",
            ),
        ],
        title=title,
        x_label=x_label,
        y_label=y_label,
        y_range=(0.0, 1.1 * highest),
    )
