"""Fit a calibration by maximum likelihood."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from ..calibration import LEAST, LEAST_DIAMETER_MM, REFERENCE_MM, Calibration

FORMS: Mapping[str, tuple[str, ...]] = {
    "temperature": ("scale",),
    "platt": ("scale", "shift"),
    "platt_size": ("scale", "shift", "log_diameter"),
}
"""The parameters that each form fits; the others stay at their defaults."""
_NAMES = ("scale", "shift", "log_diameter")
_NO_CHANGE = np.array([1.0, 0.0, 0.0])
_RIDGE = 0.1
"""Of the squared distance from no change: a normal prior of SD 3.2. Without it, classes that the score separates
perfectly would have no finite scale; 50 cases already outweigh it."""
_LEAST_SCALE = 0.01
"""The fit may not turn the order around."""


def fit_calibration(
    probability: npt.ArrayLike,
    label: npt.ArrayLike,
    *,
    diameter_mm: npt.ArrayLike | None = None,
    form: str = "platt",
    ridge: float = _RIDGE,
) -> Calibration:
    """Maximise the likelihood of the labels, with a small ridge towards no change.

    The objective is convex, so that the fit does not depend on where it starts. No case at all: no change.

    Parameters
    ----------
    probability : (n,), before calibration.
    label : (n,), 0 to 1; may be soft. Rows with a nan are left out.
    diameter_mm : (n,), as measured on the predicted mask; needed by ``platt_size``.
    form : one of :data:`FORMS`.

    Raises
    ------
    ValueError
        The form is unknown, or needs a diameter and has none.
    """
    if form not in FORMS:
        raise ValueError(f"form {form!r}: expected one of {', '.join(FORMS)}")
    if diameter_mm is None and "log_diameter" in FORMS[form]:
        raise ValueError(f"form {form!r} uses the diameter: expected diameter_mm, found None")
    p, y = np.asarray(probability, float), np.asarray(label, float)
    size = np.full(p.shape, REFERENCE_MM) if diameter_mm is None else np.asarray(diameter_mm, float)
    known = np.isfinite(p) & np.isfinite(y) & np.isfinite(size)
    design, y = _design(p[known], size[known]), y[known]
    free = np.array([name in FORMS[form] for name in _NAMES])

    def objective(theta: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        full = _NO_CHANGE.copy()
        full[free] = theta
        z, step = design @ full, full - _NO_CHANGE
        loss = float(np.sum(np.logaddexp(0, z) - y * z) + ridge / 2 * step @ step)
        return loss, (design.T @ (expit(z) - y) + ridge * step)[free]

    bounds = np.array([(_LEAST_SCALE, np.inf), (-np.inf, np.inf), (-np.inf, np.inf)])[free]
    fitted = minimize(objective, _NO_CHANGE[free], jac=True, method="L-BFGS-B", bounds=bounds)
    return Calibration(**{str(n): float(v) for n, v in zip(np.array(_NAMES)[free], fitted.x, strict=True)})


def _design(p: npt.NDArray[np.float64], size_mm: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return logit, one, and log diameter: ``(n, 3)``."""
    q, size = np.clip(p, LEAST, 1 - LEAST), np.maximum(size_mm, LEAST_DIAMETER_MM) / REFERENCE_MM
    return np.stack([np.log(q / (1 - q)), np.ones(len(q)), np.log(size)], axis=1)
